#include "bench/broker/talk.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace sounder::bench {

Talk::Talk(const std::filesystem::path& socket) : fd_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  socket.string().copy(address.sun_path, sizeof address.sun_path - 1);
  if (::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return;
  const int why = errno;
  ::close(fd_);
  throw std::system_error(why, std::generic_category(), "connect to " + socket.string());
}

Talk::~Talk() { ::close(fd_); }

void Talk::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) throw std::system_error(errno, std::generic_category(), "send");
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

void Talk::read_more(std::size_t most) {
  const std::size_t before = input_.size();
  input_.resize(before + most);
  const auto size = ::recv(fd_, input_.data() + before, most, 0);
  if (size <= 0) throw std::runtime_error("the server closed the connection");
  input_.resize(before + static_cast<std::size_t>(size));
}

std::string Talk::read_until(std::string_view suffix) {
  while (!input_.ends_with(suffix)) read_more(std::size_t{64} << 10U);
  return std::exchange(input_, {});
}

std::string Talk::read(std::size_t count) {
  while (input_.size() < count) read_more(std::size_t{64} << 10U);
  std::string taken = input_.substr(0, count);
  input_.erase(0, count);
  return taken;
}

}  // namespace sounder::bench
