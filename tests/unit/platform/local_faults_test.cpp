/// What becomes of local streams, listeners and process watches when system calls fail as they seldom do.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio/io_context.hpp>
#include <cerrno>
#include <chrono>
#include <deque>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/platform/linux/local_listener.h"
#include "engine/platform/linux/process_watch.h"
#include "engine/platform/linux/unix_stream.h"
#include "engine/platform/local_stream.h"

namespace sounder::platform {

namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// Finds hangs only.
constexpr auto kLong = 10s;

/// Fails with the errors that a test has queued, then does the real thing.
struct FaultyStream final : StreamCalls {
  [[nodiscard]] ssize_t send(int fd, std::span<const std::byte> bytes) override {
    if (!sends.empty()) return fail(sends);
    return StreamCalls::send(fd, bytes.first(std::min(bytes.size(), most)));
  }
  [[nodiscard]] ssize_t receive(int fd, msghdr& message) override {
    if (!receives.empty()) return fail(receives);
    message.msg_iov->iov_len = std::min(message.msg_iov->iov_len, most);
    return StreamCalls::receive(fd, message);
  }
  static ssize_t fail(std::deque<int>& errors) {
    errno = errors.front();
    errors.pop_front();
    return -1;
  }

  std::deque<int> sends;
  std::deque<int> receives;
  std::size_t most = SIZE_MAX;
};

struct FaultyListener final : ListenerCalls {
  [[nodiscard]] int accept(int listener, FileDescriptor& accepted) override {
    ++accept_calls;
    if (!accepts.empty()) {
      const int error = accepts.front();
      accepts.pop_front();
      return error;
    }
    return ListenerCalls::accept(listener, accepted);
  }
  [[nodiscard]] int credentials(int fd, ucred& peer) override {
    if (credentials_error != 0) return std::exchange(credentials_error, 0);
    const int error = ListenerCalls::credentials(fd, peer);
    if (number) peer.pid = *number;
    if (user) peer.uid = *user;
    return error;
  }
  [[nodiscard]] int groups(int fd, std::vector<gid_t>& groups) override {
    return groups_error != 0 ? groups_error : ListenerCalls::groups(fd, groups);
  }
  [[nodiscard]] int peer_process(int fd, FileDescriptor& process) override {
    return peer_process_error != 0 ? peer_process_error : ListenerCalls::peer_process(fd, process);
  }
  [[nodiscard]] int open_process(pid_t process_number, FileDescriptor& process) override {
    return open_process_error != 0 ? open_process_error : ListenerCalls::open_process(process_number, process);
  }
  [[nodiscard]] std::optional<ProcessFacts> process_facts(pid_t process_number) override {
    auto facts = ListenerCalls::process_facts(process_number);
    if (facts) facts->start += younger_by;
    return facts_missing ? std::nullopt : facts;
  }

  std::deque<int> accepts;
  int accept_calls = 0;
  int credentials_error = 0;
  int groups_error = 0;
  int peer_process_error = 0;
  int open_process_error = 0;
  bool facts_missing = false;
  std::chrono::nanoseconds younger_by{};
  std::optional<pid_t> number;
  std::optional<uid_t> user;
};

struct CountingLog final : base::Logger {
  void log(base::LogLevel, std::string_view, std::initializer_list<base::LogField>) override { ++lines; }
  int lines = 0;
};

class Loop {
 public:
  bool run_until(const std::function<bool()>& done) {
    const auto end = std::chrono::steady_clock::now() + kLong;
    while (!done() && std::chrono::steady_clock::now() < end) {
      context.restart();
      context.run_one_for(50ms);
    }
    return done();
  }
  boost::asio::io_context context;
};

/// Watched alone, as a client's, and in a set, as the daemon's.
class UnixStreamFaults : public ::testing::TestWithParam<bool> {
 protected:
  UnixStreamFaults() {
    std::array<int, 2> ends{};
    EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()), 0);
    peer_ = FileDescriptor(ends[0]);
    const auto executor = loop_.context.get_executor();
    const auto set = GetParam() ? ReadySet::open(executor).value() : nullptr;
    auto stream = UnixStream::adopt(FileDescriptor(ends[1]), executor, set.get(), calls_);
    EXPECT_TRUE(stream);
    stream_ = std::move(*stream);
    stream_->start({.bytes =
                        [this](std::span<const std::byte> bytes) {
                          for (const std::byte byte : bytes) received_ += static_cast<char>(byte);
                        },
                    .writable = [this] { ++writables_; },
                    .ended = [this](io::StreamEnd why) { ends_.push_back(why); }});
  }
  std::size_t write(std::string_view text) { return stream_->write(std::as_bytes(std::span(text))); }
  std::string read_peer() const {
    std::array<char, 64> text{};
    const ssize_t size = ::read(peer_.get(), text.data(), text.size());
    return {text.data(), size > 0 ? static_cast<std::size_t>(size) : 0};
  }

  Loop loop_;
  FaultyStream calls_;
  FileDescriptor peer_;
  std::unique_ptr<UnixStream> stream_;
  std::string received_;
  int writables_ = 0;
  std::vector<io::StreamEnd> ends_;
};

TEST_P(UnixStreamFaults, AnInterruptedSendIsDoneAgain) {
  calls_.sends = {EINTR, EINTR};
  EXPECT_EQ(write("abc"), 3U);
  EXPECT_EQ(read_peer(), "abc");
}

TEST_P(UnixStreamFaults, AnInterruptedReceiveIsDoneAgain) {
  calls_.receives = {EINTR, EINTR};
  ASSERT_EQ(::write(peer_.get(), "abc", 3), 3);
  EXPECT_TRUE(loop_.run_until([&] { return received_ == "abc"; }));
}

TEST_P(UnixStreamFaults, PartsOfOneByteMakeAWhole) {
  calls_.most = 1;
  EXPECT_EQ(write("abcdef"), 6U);
  EXPECT_EQ(read_peer(), "abcdef");
  ASSERT_EQ(::write(peer_.get(), "ghijkl", 6), 6);
  EXPECT_TRUE(loop_.run_until([&] { return received_ == "ghijkl"; }));
}

TEST_P(UnixStreamFaults, AFullSystemIsAskedAgain) {
  for (const int error : {EAGAIN, ENOBUFS, ENOMEM}) {
    calls_.sends = {error};
    const int before = writables_;
    EXPECT_EQ(write("abc"), 0U);
    EXPECT_TRUE(loop_.run_until([&] { return writables_ > before; }));
    EXPECT_EQ(write("abc"), 3U);
    EXPECT_EQ(read_peer(), "abc");
  }
}

TEST_P(UnixStreamFaults, ASpuriousWakeUpIsNoEnd) {
  calls_.receives = {EAGAIN};
  ASSERT_EQ(::write(peer_.get(), "abc", 3), 3);
  EXPECT_TRUE(loop_.run_until([&] { return received_ == "abc"; }));
  EXPECT_TRUE(ends_.empty());
}

TEST_P(UnixStreamFaults, AnErrorOfEitherDirectionEndsItOnce) {
  ASSERT_EQ(::write(peer_.get(), "abc", 3), 3);
  calls_.sends = {ECONNRESET};
  EXPECT_EQ(write("x"), 0U);
  EXPECT_TRUE(loop_.run_until([&] { return !ends_.empty(); }));
  EXPECT_EQ(received_, "abc") << "what had arrived comes first";
  EXPECT_THAT(ends_, ElementsAre(io::StreamEnd::kReset));
  EXPECT_EQ(write("x"), 0U);
}

TEST_P(UnixStreamFaults, AFailedReceiveIsAReset) {
  calls_.receives = {ECONNRESET};
  ASSERT_EQ(::write(peer_.get(), "abc", 3), 3);
  EXPECT_TRUE(loop_.run_until([&] { return !ends_.empty(); }));
  EXPECT_THAT(ends_, ElementsAre(io::StreamEnd::kReset));
}

INSTANTIATE_TEST_SUITE_P(Watched, UnixStreamFaults, ::testing::Bool(),
                         [](const auto& in_a_set) { return in_a_set.param ? "InASet" : "Alone"; });

class UnixListenerFaults : public ::testing::Test {
 protected:
  UnixListenerFaults() {
    std::string name = (std::filesystem::temp_directory_path() / "sounder-test-XXXXXX").string();
    EXPECT_NE(mkdtemp(name.data()), nullptr);
    folder_ = name;
    auto place = SocketPlace::take(path(), {0666, {}});
    EXPECT_TRUE(place) << place.error().message();
    const auto executor = loop_.context.get_executor();
    auto set = ReadySet::open(executor);
    EXPECT_TRUE(set);
    listener_ = std::make_unique<UnixListener>(std::move(*place), executor, std::move(*set), calls_, log_);
    listener_->start([this](io::LocalClient client) { accepted_.push_back(std::move(client)); });
  }
  ~UnixListenerFaults() override {
    listener_.reset();
    std::filesystem::remove_all(folder_);
  }
  [[nodiscard]] std::string path() const { return (folder_ / "broker.sock").string(); }
  std::unique_ptr<io::LocalStream> connect() {
    auto connection = connect_local(path(), loop_.context.get_executor());
    EXPECT_TRUE(connection) << connection.error().message();
    return connection ? std::move(connection->stream) : nullptr;
  }
  bool accepted(std::size_t count = 1) {
    return loop_.run_until([&] { return accepted_.size() == count; });
  }
  [[nodiscard]] base::Result<std::unique_ptr<io::ProcessWatch>> watch() {
    return listener_->watch_process(*accepted_.at(0).stream, [this] { ++exits_; });
  }
  bool exited() {
    return loop_.run_until([&] { return exits_ > 0; });
  }

  Loop loop_;
  FaultyListener calls_;
  CountingLog log_;
  std::filesystem::path folder_;
  std::unique_ptr<UnixListener> listener_;
  std::vector<io::LocalClient> accepted_;
  int exits_ = 0;
};

TEST_F(UnixListenerFaults, AWantOfDescriptorsIsWaitedForWithoutSpinning) {
  for (const int error : {EMFILE, ENFILE, ENOBUFS, ENOMEM}) {
    calls_.accepts = {error, error};
    calls_.accept_calls = 0;
    const std::uint64_t before = listener_->numbers().accept_errors;
    accepted_.clear();
    const auto client = connect();
    ASSERT_TRUE(accepted());
    EXPECT_EQ(calls_.accept_calls, 4) << "two that fail, one that brings the client, one that finds no other";
    EXPECT_EQ(listener_->numbers().accept_errors, before + 2);
  }
}

TEST_F(UnixListenerFaults, RealWantOfDescriptors) {
  rlimit old{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &old), 0);
  const auto client = connect();
  // Every number below the limit is taken.
  std::vector<FileDescriptor> hoard;
  for (;;) {
    FileDescriptor one(dup(0));
    if (!one || one.get() > 200) break;
    hoard.push_back(std::move(one));
  }
  rlimit low = old;
  low.rlim_cur = 200;
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &low), 0);
  EXPECT_TRUE(loop_.run_until([&] { return listener_->numbers().accept_errors >= 2; }));
  EXPECT_TRUE(accepted_.empty());
  EXPECT_LE(calls_.accept_calls, 3) << "it spins";
  hoard.clear();
  EXPECT_TRUE(accepted());
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &old), 0);
}

TEST_F(UnixListenerFaults, WhatIsOneClientsFaultStopsNoOther) {
  calls_.accepts = {EINTR, ECONNABORTED, EINTR, ECONNABORTED};
  const auto client = connect();
  EXPECT_TRUE(accepted());
  EXPECT_EQ(calls_.accept_calls, 6);
  EXPECT_EQ(listener_->numbers().accept_errors, 2U) << "an interrupted call is no error";
}

TEST_F(UnixListenerFaults, WhoCannotBeAskedWhoHeIsIsNotLetIn) {
  calls_.credentials_error = ENOTCONN;
  const auto refused = connect();
  const auto welcome = connect();
  EXPECT_TRUE(accepted());
  EXPECT_EQ(listener_->numbers().accept_errors, 1U);
  EXPECT_EQ(log_.lines, 1);
}

TEST_F(UnixListenerFaults, AKernelThatDoesNotTellGroupsTellsThePrimaryOne) {
  calls_.groups_error = ENOPROTOOPT;
  const auto client = connect();
  ASSERT_TRUE(accepted());
  EXPECT_THAT(accepted_[0].credentials.groups, ElementsAre(std::to_string(getegid())));
}

TEST_F(UnixListenerFaults, WhoseGroupsCannotBeReadIsNotLetIn) {
  calls_.groups_error = ENOMEM;
  const auto refused = connect();
  EXPECT_TRUE(loop_.run_until([&] { return listener_->numbers().accept_errors == 1; }));
  EXPECT_TRUE(accepted_.empty());
}

/// Each of these is a kernel before 6.5: the process must be found by its number.
class PidFdFallback : public UnixListenerFaults {
 protected:
  PidFdFallback() {
    calls_.peer_process_error = ENOPROTOOPT;
    client_ = connect();
    EXPECT_TRUE(accepted());
  }
  std::unique_ptr<io::LocalStream> client_;
};

TEST_F(PidFdFallback, WatchesWhoeverConnected) {
  const auto watching = watch();
  ASSERT_TRUE(watching) << watching.error().message();
  loop_.context.restart();
  loop_.context.poll();
  EXPECT_EQ(exits_, 0) << "it is this very process";
}

TEST_F(PidFdFallback, ANumberThatIsFreeWasAProcessThatHasEnded) {
  calls_.open_process_error = ESRCH;
  const auto watching = watch();
  ASSERT_TRUE(watching);
  EXPECT_EQ(exits_, 0) << "inside the call";
  EXPECT_TRUE(exited());
}

TEST_F(PidFdFallback, AYoungerProcessOfTheNumberIsAnother) {
  calls_.younger_by = 24h;
  const auto watching = watch();
  ASSERT_TRUE(watching);
  EXPECT_TRUE(exited());
}

TEST_F(PidFdFallback, AProcessThatVanishesWhileItIsLookedForHasEnded) {
  calls_.facts_missing = true;
  const auto watching = watch();
  ASSERT_TRUE(watching);
  EXPECT_TRUE(exited());
}

TEST_F(PidFdFallback, AnotherUsersProcessIsNotTrustedToBeIt) {
  calls_.user = geteuid() + 1;
  EXPECT_FALSE(watch()) << "the end of the stream must do";
}

TEST_F(PidFdFallback, CannotWatchWhereTheKernelHasNoSuchCall) {
  calls_.open_process_error = ENOSYS;
  const auto watching = watch();
  ASSERT_FALSE(watching);
  EXPECT_EQ(watching.error().code, std::errc::function_not_supported);
}

TEST_F(PidFdFallback, CannotWatchAProcessWithoutANumber) {
  calls_.number = 0;
  const auto watching = watch();
  ASSERT_FALSE(watching);
  EXPECT_THAT(watching.error().message(), HasSubstr("PID namespace"));
}

TEST_F(PidFdFallback, CannotWatchWithoutADescriptorFree) {
  calls_.open_process_error = EMFILE;
  EXPECT_FALSE(watch());
}

TEST_F(UnixListenerFaults, AReapedProcessIsSaidToHaveEnded) {
  const auto client = connect();
  ASSERT_TRUE(accepted());
  for (const int error : {ESRCH, EINVAL}) {
    exits_ = 0;
    calls_.peer_process_error = error;
    const auto watching = watch();
    ASSERT_TRUE(watching);
    EXPECT_TRUE(exited());
  }
}

TEST_F(UnixListenerFaults, AStreamThatHasEndedHasNoProcessToWatch) {
  auto client = connect();
  ASSERT_TRUE(accepted());
  bool ended = false;
  accepted_[0].stream->start({.bytes = {}, .writable = {}, .ended = [&](io::StreamEnd) { ended = true; }});
  client.reset();
  ASSERT_TRUE(loop_.run_until([&] { return ended; }));
  EXPECT_FALSE(watch());
}

}  // namespace

}  // namespace sounder::platform
