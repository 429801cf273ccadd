#include "tests/support/scripted_broker.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

namespace sounder::testing {
namespace {

constexpr std::uint32_t kCredit = 64;

void check(int result, const char* what) {
  if (result < 0) throw std::system_error(errno, std::generic_category(), what);
}

/// Whether there is something to be read from `fd` before the pipe `stop` ends.
bool readable(int fd, int stop) {
  std::array<pollfd, 2> polled{{{fd, POLLIN, 0}, {stop, POLLIN, 0}}};
  while (::poll(polled.data(), polled.size(), -1) < 0) {
    if (errno != EINTR) return false;
  }
  return polled[1].revents == 0;
}

}  // namespace

ScriptedBroker::ScriptedBroker(std::string path) : path_(std::move(path)) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(&address.sun_path[0], path_.c_str(), sizeof(address.sun_path) - 1);
  listener_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  check(listener_, "socket");
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): the sockets API has it so.
  check(::bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)), "bind");
  check(::listen(listener_, 8), "listen");
  check(::pipe(&stop_[0]), "pipe");
  thread_ = std::thread([this] { serve(); });
}

ScriptedBroker::~ScriptedBroker() {
  ::close(stop_[1]);
  thread_.join();
  ::close(stop_[0]);
  ::close(listener_);
  ::unlink(path_.c_str());
}

void ScriptedBroker::serve() {
  while (readable(listener_, stop_[0])) {
    const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) continue;
    {
      const std::lock_guard lock(mutex_);
      client_ = fd;
    }
    serve_client(fd);
    const std::lock_guard lock(mutex_);
    client_ = -1;
    ::close(fd);
    ++ends_;
    changed_.notify_all();
  }
}

void ScriptedBroker::serve_client(int fd) {
  ClientLog log;
  echoes_ = 0;
  log.on_message = [this](const protocol::Message& message) { answer(message); };
  std::array<std::byte, 4096> buffer{};
  while (readable(fd, stop_[0])) {
    const auto size = ::read(fd, buffer.data(), buffer.size());
    if (size <= 0) return;
    log.add(std::span(buffer).first(static_cast<std::size_t>(size)));
    const std::lock_guard lock(mutex_);
    for (std::string& line : log.take()) said_.push_back(std::move(line));
    changed_.notify_all();
  }
}

void ScriptedBroker::answer(const protocol::Message& message) {
  if (message.body_type() == protocol::Body::Hello) send(welcome(kCredit));
  if (const auto* request = message.body_as_Register()) {
    std::vector<std::uint64_t> ids;
    const auto count = request->watches()->size() + request->monitors()->size() + request->outcomes()->size();
    while (ids.size() < count) ids.push_back(++ids_);
    send(registered(request->correlation(), ids));
  }
  if (const auto* request = message.body_as_Unregister()) send(unregistered(request->correlation()));
  if (const auto* echo = message.body_as_Echo(); echo != nullptr && answer_) {
    std::vector<std::uint64_t> tokens;
    for (const auto* one : *echo->requests()) tokens.push_back(one->token());
    echoes_ += static_cast<std::uint32_t>(tokens.size());
    send(replies(kCredit + echoes_, tokens));
  }
}

void ScriptedBroker::send(const Bytes& bytes) {
  const std::lock_guard lock(mutex_);
  for (std::size_t sent = 0; client_ >= 0 && sent < bytes.size();) {
    const auto size = ::send(client_, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
    if (size < 0) return;
    sent += static_cast<std::size_t>(size);
  }
}

void ScriptedBroker::hang_up() {
  const std::lock_guard lock(mutex_);
  if (client_ >= 0) ::shutdown(client_, SHUT_RDWR);
}

bool ScriptedBroker::wait_for_ends(std::size_t count) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, kHang, [&] { return ends_ >= count; });
}

bool ScriptedBroker::wait_for_line(const std::string& line) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, kHang, [&] {
    return std::any_of(said_.begin(), said_.end(), [&](const std::string& said) { return said.starts_with(line); });
  });
}

}  // namespace sounder::testing
