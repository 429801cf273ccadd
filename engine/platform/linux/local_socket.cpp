#include "engine/platform/linux/local_socket.h"

#include <cerrno>
#include <cstring>
#include <system_error>

namespace sounder::platform {

base::Result<sockaddr_un> local_address(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof(address.sun_path)) {
    return base::fail("use " + path + " as a socket's path: it must have 1 to " +
                      std::to_string(sizeof(address.sun_path) - 1) + " bytes");
  }
  std::memcpy(&address.sun_path, path.data(), path.size());
  return address;
}

base::Result<FileDescriptor> open_local_socket() {
  FileDescriptor fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd) return base::fail("open a Unix socket", {errno, std::system_category()});
  return fd;
}

const sockaddr* as_sockaddr(const sockaddr_un& address) {
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): the sockets API has it so.
  return reinterpret_cast<const sockaddr*>(&address);
}

}  // namespace sounder::platform
