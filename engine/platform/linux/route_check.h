/// Whether the kernel has a route to an IPv6 address.
#pragma once

#include "engine/base/ip_address.h"
#include "engine/platform/linux/file_descriptor.h"

namespace sounder::platform {

/// IPv6 says EINVAL for a blackhole route and for a full neighbour table alike (net/ipv6/ip6_output.c). Connecting a
/// UDP socket, which sends nothing, looks for the route alone and tells the two apart.
class RouteCheck {
 public:
  RouteCheck();

  /// One system call. True where it can't be told.
  [[nodiscard]] bool has_route(const base::IpAddress& destination) const;

 private:
  FileDescriptor socket_;
};

}  // namespace sounder::platform
