// sd_notify(3) is one datagram to the Unix socket that NOTIFY_SOCKET names: no library is needed for it.
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

#include "engine/io/service_notify.h"
#include "engine/platform/platform.h"

namespace sounder::platform {
namespace {

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

std::optional<std::uint64_t> parse_number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// sd_watchdog_enabled(3): the interval counts only for the process that WATCHDOG_PID names, if it names one.
std::optional<base::Duration> watchdog_from_environment() {
  const auto interval = parse_number(environment("WATCHDOG_USEC"));
  const std::string pid = environment("WATCHDOG_PID");
  if (!interval || *interval == 0) return std::nullopt;
  if (!pid.empty() && parse_number(pid) != static_cast<std::uint64_t>(::getpid())) return std::nullopt;
  return std::chrono::microseconds(*interval);
}

std::uint64_t monotonic_microseconds() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000 + static_cast<std::uint64_t>(now.tv_nsec) / 1'000;
}

class SystemdNotify final : public io::ServiceNotify {
 public:
  explicit SystemdNotify(const std::string& path) {
    if (path.empty() || (path[0] != '/' && path[0] != '@') || path.size() >= sizeof address_.sun_path) return;
    address_.sun_family = AF_UNIX;
    std::memcpy(address_.sun_path, path.data(), path.size());
    // '@' stands for the zero byte of an abstract name; a path counts up to and with its ending zero.
    const bool abstract = path[0] == '@';
    if (abstract) address_.sun_path[0] = '\0';
    length_ = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size() + (abstract ? 0 : 1));
    descriptor_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  }
  ~SystemdNotify() override {
    if (descriptor_ >= 0) ::close(descriptor_);
  }

  void ready(std::string_view status) override { send("READY=1\nSTATUS=" + std::string(status)); }
  void reloading() override { send("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(monotonic_microseconds())); }
  void stopping() override { send("STOPPING=1"); }
  void alive() override { send("WATCHDOG=1"); }
  [[nodiscard]] std::optional<base::Duration> watchdog() const override { return watchdog_; }

 private:
  void send(std::string_view message) {
    if (descriptor_ < 0) return;
    // The answer is ignored as sd_notify(3) advises: there is nothing to do about a manager that went away.
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): the sockets API has it so.
    const auto* address = reinterpret_cast<const sockaddr*>(&address_);
    static_cast<void>(::sendto(descriptor_, message.data(), message.size(), MSG_NOSIGNAL, address, length_));
  }

  sockaddr_un address_{};
  socklen_t length_ = 0;
  int descriptor_ = -1;
  std::optional<base::Duration> watchdog_ = watchdog_from_environment();
};

}  // namespace

std::unique_ptr<io::ServiceNotify> make_service_notify() {
  return std::make_unique<SystemdNotify>(environment("NOTIFY_SOCKET"));
}

bool stderr_is_journal() {
  // systemd.exec(5): JOURNAL_STREAM is device and inode of the stream that journald reads.
  const std::string wanted = environment("JOURNAL_STREAM");
  struct stat status {};
  if (wanted.empty() || ::fstat(STDERR_FILENO, &status) != 0) return false;
  return wanted == std::to_string(status.st_dev) + ':' + std::to_string(status.st_ino);
}

}  // namespace sounder::platform
