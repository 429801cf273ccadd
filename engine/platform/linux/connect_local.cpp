#include <cerrno>
#include <memory>
#include <system_error>
#include <utility>

#include "engine/platform/linux/local_socket.h"
#include "engine/platform/linux/unix_stream.h"
#include "engine/platform/local_stream.h"

namespace sounder::platform {

std::string default_local_name() { return "/run/sounder/broker.sock"; }

base::Result<LocalConnection> connect_local(const std::string& name, const boost::asio::any_io_executor& executor) {
  const std::string path = name.empty() ? default_local_name() : name;
  const auto address = local_address(path);
  if (!address) return tl::unexpected(address.error());
  auto fd = open_local_socket();
  if (!fd) return tl::unexpected(fd.error());
  // A Unix socket is connected at once or not at all: EAGAIN where those who wait to be accepted are too many.
  if (::connect(fd->get(), as_sockaddr(*address), sizeof(*address)) != 0) {
    return base::fail("connect to " + path, {errno, std::system_category()});
  }
  // unix(7): of the listening socket these are the ones with which it began to listen.
  ucred listener{};
  socklen_t size = sizeof(listener);
  if (getsockopt(fd->get(), SOL_SOCKET, SO_PEERCRED, &listener, &size) != 0) {
    return base::fail("ask who listens at " + path, {errno, std::system_category()});
  }
  auto stream = UnixStream::adopt(std::move(*fd), executor);
  if (!stream) return tl::unexpected(stream.error());
  (*stream)->end_in_children();
  return LocalConnection{std::move(*stream), std::to_string(listener.uid)};
}

}  // namespace sounder::platform
