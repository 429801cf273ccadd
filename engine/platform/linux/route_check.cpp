#include "engine/platform/linux/route_check.h"

#include <sys/socket.h>

#include "engine/platform/linux/socket_address.h"

namespace sounder::platform {

namespace {

constexpr std::uint16_t kDiscardPort = 9;  // RFC 863; nothing is sent to it

}  // namespace

RouteCheck::RouteCheck() : socket_(::socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {}

bool RouteCheck::has_route(const base::IpAddress& destination) const {
  if (!socket_) return true;
  SocketAddress address{};
  const socklen_t size = to_native(destination, address, kDiscardPort);
  return ::connect(socket_.get(), &address.any, size) == 0;
}

}  // namespace sounder::platform
