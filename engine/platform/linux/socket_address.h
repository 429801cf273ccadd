/// Addresses as the socket calls take and give them.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <optional>

#include "engine/base/ip_address.h"

namespace sounder::platform {

/// Room for an address of either family; a fifth of sockaddr_storage, so that a batch of them stays in the cache.
union SocketAddress {
  sockaddr any;
  sockaddr_in v4;
  sockaddr_in6 v6;
};

[[nodiscard]] constexpr int to_native(base::Family family) {
  return family == base::Family::kIpv4 ? AF_INET : AF_INET6;
}

/// Fills `native` and returns its length. `port` is in host order; on ping sockets it is the identifier.
socklen_t to_native(const base::IpAddress& address, SocketAddress& native, std::uint16_t port = 0);

/// Nothing for a family that is neither, which the kernel writes where it knows no address. The scope stays only on
/// link-local addresses: the kernel fills it in for those alone, and so do we when we compare.
[[nodiscard]] std::optional<base::IpAddress> from_native(const sockaddr& native);
[[nodiscard]] base::IpAddress from_native(const in_addr& address);
[[nodiscard]] base::IpAddress from_native(const in6_addr& address, std::uint32_t scope);
[[nodiscard]] in_addr to_in_addr(const base::IpAddress& address);
[[nodiscard]] in6_addr to_in6_addr(const base::IpAddress& address);

}  // namespace sounder::platform
