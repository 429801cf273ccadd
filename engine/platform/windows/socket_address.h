/// Addresses as the socket calls take and give them.
#pragma once

#include <cstdint>
#include <optional>

#include "engine/base/ip_address.h"
#include "engine/platform/windows/system_headers.h"

namespace sounder::platform {

/// Room for an address of either family; a fifth of sockaddr_storage, so that many of them stay in the cache.
union SocketAddress {
  sockaddr any;
  sockaddr_in v4;
  sockaddr_in6 v6;
};

[[nodiscard]] constexpr int to_native(base::Family family) {
  return family == base::Family::kIpv4 ? AF_INET : AF_INET6;
}

/// Fills `native` and returns its length.
int to_native(const base::IpAddress& address, SocketAddress& native);

/// Nothing for a family that is neither. The scope stays only on link-local addresses, as on Linux.
[[nodiscard]] std::optional<base::IpAddress> from_native(const sockaddr& native);
[[nodiscard]] base::IpAddress from_native(const in_addr& address);
[[nodiscard]] base::IpAddress from_native(const in6_addr& address, std::uint32_t scope);
[[nodiscard]] in_addr to_in_addr(const base::IpAddress& address);
[[nodiscard]] in6_addr to_in6_addr(const base::IpAddress& address);

}  // namespace sounder::platform
