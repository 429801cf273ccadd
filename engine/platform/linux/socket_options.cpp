#include "engine/platform/linux/socket_options.h"

#include <linux/sock_diag.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <limits>
#include <system_error>

namespace sounder::platform {

base::Error system_error(const char* what, int error) {
  return base::Error{what, std::error_code(error, std::system_category())};
}

base::Result<void> set_option(int fd, int level, int option, int value, const char* name) {
  if (setsockopt(fd, level, option, &value, sizeof(value)) != 0) return tl::unexpected(system_error(name, errno));
  return {};
}

std::size_t set_buffer(int fd, Buffer buffer, std::size_t bytes) {
  const bool receive = buffer == Buffer::kReceive;
  // The kernel doubles what it is asked for, to allow for its own overhead (socket(7)).
  const int half = static_cast<int>(std::min(bytes / 2, std::size_t{std::numeric_limits<int>::max() / 2}));
  if (setsockopt(fd, SOL_SOCKET, receive ? SO_RCVBUFFORCE : SO_SNDBUFFORCE, &half, sizeof(half)) != 0) {
    setsockopt(fd, SOL_SOCKET, receive ? SO_RCVBUF : SO_SNDBUF, &half, sizeof(half));
  }
  int granted = 0;
  socklen_t size = sizeof(granted);
  getsockopt(fd, SOL_SOCKET, receive ? SO_RCVBUF : SO_SNDBUF, &granted, &size);
  return static_cast<std::size_t>(granted);
}

std::optional<SocketMemory> socket_memory(int fd) {
  std::array<std::uint32_t, SK_MEMINFO_VARS> info{};
  socklen_t size = sizeof(info);
  if (getsockopt(fd, SOL_SOCKET, SO_MEMINFO, info.data(), &size) != 0) return std::nullopt;
  SocketMemory memory;
  memory.receive_used = info.at(SK_MEMINFO_RMEM_ALLOC);
  memory.receive_limit = info.at(SK_MEMINFO_RCVBUF);
  memory.send_used = info.at(SK_MEMINFO_WMEM_ALLOC);
  memory.send_limit = info.at(SK_MEMINFO_SNDBUF);
  memory.drops = info.at(SK_MEMINFO_DROPS);
  return memory;
}

}  // namespace sounder::platform
