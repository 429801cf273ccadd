#include "engine/platform/windows/socket_address.h"

#include <cstring>

namespace sounder::platform {

int to_native(const base::IpAddress& address, SocketAddress& native) {
  if (address.is_v4()) {
    native.v4 = {};
    native.v4.sin_family = AF_INET;
    native.v4.sin_addr = to_in_addr(address);
    return sizeof(native.v4);
  }
  native.v6 = {};
  native.v6.sin6_family = AF_INET6;
  native.v6.sin6_addr = to_in6_addr(address);
  native.v6.sin6_scope_id = address.scope();
  return sizeof(native.v6);
}

std::optional<base::IpAddress> from_native(const sockaddr& native) {
  // memcpy, since what the system wrote need not be aligned for its own type.
  if (native.sa_family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, &native, sizeof(v4));
    return from_native(v4.sin_addr);
  }
  if (native.sa_family == AF_INET6) {
    sockaddr_in6 v6{};
    std::memcpy(&v6, &native, sizeof(v6));
    return from_native(v6.sin6_addr, v6.sin6_scope_id);
  }
  return std::nullopt;
}

base::IpAddress from_native(const in_addr& address) {
  base::IpAddress::V4Bytes bytes{};
  std::memcpy(bytes.data(), &address, bytes.size());
  return base::IpAddress::v4(bytes);
}

base::IpAddress from_native(const in6_addr& address, std::uint32_t scope) {
  base::IpAddress::V6Bytes bytes{};
  std::memcpy(bytes.data(), &address, bytes.size());
  const auto result = base::IpAddress::v6(bytes);
  return result.is_link_local_v6() ? result.with_scope(scope) : result;
}

in_addr to_in_addr(const base::IpAddress& address) {
  in_addr native{};
  std::memcpy(&native, address.data(), sizeof(native));
  return native;
}

in6_addr to_in6_addr(const base::IpAddress& address) {
  in6_addr native{};
  std::memcpy(&native, address.data(), sizeof(native));
  return native;
}

}  // namespace sounder::platform
