#include "tests/contract/linux_local_world.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <utility>
#include <vector>

#include "engine/platform/local_stream.h"
#include "engine/platform/platform.h"
#include "tests/support/local_process.h"

namespace sounder::contract {

namespace {

using namespace std::chrono_literals;

/// Finds hangs only.
constexpr auto kLong = 20s;

class QuietLogger final : public base::Logger {
 public:
  void log(base::LogLevel /*level*/, std::string_view /*event*/,
           std::initializer_list<base::LogField> /*fields*/) override {}
};
QuietLogger g_log;

base::Result<std::unique_ptr<io::LocalListener>> listen_at(const std::string& path, boost::asio::io_context& loop) {
  return platform::open_local_listener({.name = path, .mode = 0666, .group = {}}, loop.get_executor(), g_log);
}

/// A client as a program has it that knows nothing of ours.
class ClientProcess final : public LocalProcess {
 public:
  explicit ClientProcess(const std::string& path)
      : process_([path](char command) { return command == '\0' ? say_hello(path) : fork_holder(); }) {}

  [[nodiscard]] std::uint64_t number() const override { return static_cast<std::uint64_t>(process_.pid()); }
  void kill() override { process_.kill(); }
  void share() override { EXPECT_EQ(process_.tell('s'), 'y'); }
  /// The one that reads it is the third process: this is for after kill().
  void end_sharing() override { process_.tell('e'); }

 private:
  static char say_hello(const std::string& path) {
    const int fd = plain_connect(path);
    return fd >= 0 && ::write(fd, "hello", 5) == 5 ? 'y' : 'n';
  }
  /// A child has every descriptor that its parent has.
  static char fork_holder() {
    const pid_t child = fork();
    if (child != 0) return child > 0 ? 'y' : 'n';
    testing::ForkedProcess::wait_for_command();
    _exit(0);
  }

  testing::ForkedProcess process_;
};

class ListenerProcess final : public LocalProcess {
 public:
  explicit ListenerProcess(const std::string& path)
      : process_([this, path](char) {
          auto opened = listen_at(path, loop_);
          if (opened) listener_ = std::move(*opened);
          return opened ? 'y' : 'n';
        }) {}

  [[nodiscard]] std::uint64_t number() const override { return static_cast<std::uint64_t>(process_.pid()); }
  void kill() override { process_.kill(); }
  void share() override {}
  void end_sharing() override {}

 private:
  boost::asio::io_context loop_;
  std::unique_ptr<io::LocalListener> listener_;  ///< of the child
  testing::ForkedProcess process_;
};

}  // namespace

int plain_connect(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof(address.sun_path)) return -1;
  std::memcpy(&address.sun_path, path.data(), path.size());
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd >= 0 && ::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    close(fd);
    return -1;
  }
  return fd;
}

base::Result<std::unique_ptr<io::LocalListener>> LinuxLocalWorld::listen() { return listen_at(path_, loop_); }

base::Result<std::unique_ptr<io::LocalStream>> LinuxLocalWorld::connect() {
  auto connection = platform::connect_local(path_, loop_.get_executor());
  if (!connection) return tl::unexpected(connection.error());
  EXPECT_EQ(connection->listener, std::to_string(geteuid()));
  return std::move(connection->stream);
}

std::unique_ptr<LocalProcess> LinuxLocalWorld::start_client() { return std::make_unique<ClientProcess>(path_); }

std::unique_ptr<LocalProcess> LinuxLocalWorld::start_listener() { return std::make_unique<ListenerProcess>(path_); }

io::Credentials LinuxLocalWorld::ourselves() {
  io::Credentials credentials;
  credentials.user = std::to_string(geteuid());
  std::vector<gid_t> groups(static_cast<std::size_t>(getgroups(0, nullptr)));
  static_cast<void>(getgroups(static_cast<int>(groups.size()), groups.data()));
  if (std::ranges::find(groups, getegid()) == groups.end()) groups.push_back(getegid());
  for (const gid_t group : groups) credentials.groups.push_back(std::to_string(group));
  credentials.administrator = geteuid() == 0;
  credentials.process = static_cast<std::uint64_t>(getpid());
  return credentials;
}

void LinuxLocalWorld::run_until(const std::function<bool()>& done) {
  loop_.restart();
  const auto end = std::chrono::steady_clock::now() + kLong;
  while (!done() && std::chrono::steady_clock::now() < end) {
    loop_.run_one_for(50ms);
    loop_.restart();
  }
}

void LinuxLocalWorld::run_some() {
  loop_.restart();
  loop_.poll();
}

}  // namespace sounder::contract
