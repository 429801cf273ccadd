/// The local streams of Linux against the real kernel, and what only Unix sockets can do to them.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>
#include <utility>
#include <vector>

#include "engine/platform/linux/file_descriptor.h"
#include "engine/platform/linux/unix_stream.h"
#include "engine/platform/platform.h"
#include "tests/contract/linux_local_world.h"
#include "tests/support/local_process.h"

namespace sounder::contract {

namespace {

std::unique_ptr<LocalWorld> make_world() { return std::make_unique<LinuxLocalWorld>(); }

}  // namespace

INSTANTIATE_TEST_SUITE_P(Linux, LocalStreamContract, ::testing::Values(LocalWorldKind{"socket", &make_world}),
                         local_world_name);

namespace {

using io::StreamEnd;
using platform::FileDescriptor;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::size_t open_descriptors() {
  const std::filesystem::directory_iterator entries("/proc/self/fd");
  return static_cast<std::size_t>(std::distance(begin(entries), end(entries)));
}

/// One byte, with descriptors beside it.
bool send_descriptors(int socket, const std::vector<int>& descriptors) {
  char byte = 'x';
  iovec part{&byte, 1};
  std::vector<std::byte> control(CMSG_SPACE(descriptors.size() * sizeof(int)));
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  cmsghdr* header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(descriptors.size() * sizeof(int));
  std::memcpy(CMSG_DATA(header), descriptors.data(), descriptors.size() * sizeof(int));
  return sendmsg(socket, &message, 0) == 1;
}

class LinuxLocalStream : public ::testing::Test {
 protected:
  void listen(const platform::LocalListenerConfig& config) {
    auto listener = platform::open_local_listener(config, world_.loop().get_executor(), log_);
    ASSERT_TRUE(listener) << listener.error().message();
    listener_ = std::move(*listener);
    listener_->start([this](io::LocalClient client) { accepted_.push_back(std::move(client)); });
  }
  /// Connects client_ with server_.
  void make_pair() {
    if (!listener_) listen({.name = world_.path(), .mode = 0666, .group = {}});
    client_ = FileDescriptor(plain_connect(world_.path()));
    ASSERT_TRUE(client_);
    world_.run_until([this] { return !accepted_.empty(); });
    ASSERT_FALSE(accepted_.empty());
    server_ = std::make_unique<End>(std::move(accepted_.back().stream));
    accepted_.clear();
  }
  mode_t mode_of(const std::string& path) {
    struct stat status {};
    return stat(path.c_str(), &status) == 0 ? status.st_mode & 07777U : 0;
  }

  class Log final : public base::Logger {
    void log(base::LogLevel, std::string_view, std::initializer_list<base::LogField>) override {}
  };
  Log log_;
  LinuxLocalWorld world_;
  std::unique_ptr<io::LocalListener> listener_;
  std::vector<io::LocalClient> accepted_;
  FileDescriptor client_;
  std::unique_ptr<End> server_;
};

TEST_F(LinuxLocalStream, DescriptorsAreClosedAndEndTheStream) {
  make_pair();
  server_->start();
  const std::size_t before = open_descriptors();
  ASSERT_TRUE(send_descriptors(client_.get(), {0, 0, 0}));
  world_.run_until([&] { return !server_->ends.empty(); });
  EXPECT_THAT(server_->ends, ElementsAre(StreamEnd::kForbidden));
  EXPECT_THAT(server_->received, IsEmpty());
  EXPECT_EQ(open_descriptors(), before - 1) << "the stream's own is closed too, and none has come";
}

TEST_F(LinuxLocalStream, TheMostDescriptorsThatOneMessageCarriesAreClosedToo) {
  make_pair();
  server_->start();
  const std::size_t before = open_descriptors();
  ASSERT_TRUE(send_descriptors(client_.get(), std::vector<int>(253, 0)));
  world_.run_until([&] { return !server_->ends.empty(); });
  EXPECT_THAT(server_->ends, ElementsAre(StreamEnd::kForbidden));
  EXPECT_EQ(open_descriptors(), before - 1);
}

/// A socket that lies in a message that nobody takes: neither end of stream nor reset tells of its owner's death.
TEST_F(LinuxLocalStream, AParkedSocketDoesNotHideTheClientsDeath) {
  listen({.name = world_.path(), .mode = 0666, .group = {}});
  std::array<int, 2> parking{};
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, parking.data()), 0);
  const FileDescriptor kept(parking[0]);
  FileDescriptor given(parking[1]);
  const std::string path = world_.path();
  const int parked = given.get();
  testing::ForkedProcess process(
      [&](char) {
        const int socket = plain_connect(path);
        return socket >= 0 && send_descriptors(parked, {socket}) ? 'y' : 'n';
      },
      {parked});
  given = FileDescriptor();
  world_.run_until([this] { return !accepted_.empty(); });
  ASSERT_FALSE(accepted_.empty());
  int exits = 0;
  const auto watch = listener_->watch_process(*accepted_[0].stream, [&] { ++exits; });
  ASSERT_TRUE(watch) << watch.error().message();
  End end(std::move(accepted_[0].stream));
  end.start();
  process.kill();
  world_.run_until([&] { return exits > 0; });
  EXPECT_EQ(exits, 1);
  world_.run_some();
  EXPECT_THAT(end.ends, IsEmpty());
}

TEST_F(LinuxLocalStream, AStoppedClientIsNotDead) {
  listen({.name = world_.path(), .mode = 0666, .group = {}});
  const auto process = world_.start_client();
  world_.run_until([this] { return !accepted_.empty(); });
  ASSERT_FALSE(accepted_.empty());
  int exits = 0;
  const auto watch = listener_->watch_process(*accepted_[0].stream, [&] { ++exits; });
  ASSERT_TRUE(watch);
  End end(std::move(accepted_[0].stream));
  end.start();
  kill(static_cast<pid_t>(process->number()), SIGSTOP);
  siginfo_t info{};
  ASSERT_EQ(waitid(P_PID, static_cast<id_t>(process->number()), &info, WSTOPPED | WNOWAIT), 0);
  world_.run_some();
  EXPECT_EQ(exits, 0);
  EXPECT_THAT(end.ends, IsEmpty());
}

TEST_F(LinuxLocalStream, APeerThatOnlyCeasesToReadEndsTheStreamAfterWhatItSent) {
  make_pair();
  server_->start();
  ASSERT_EQ(write(client_.get(), "abc", 3), 3);
  ASSERT_EQ(shutdown(client_.get(), SHUT_RD), 0);
  EXPECT_EQ(server_->write(pattern(10)), 0U);
  world_.run_until([&] { return !server_->ends.empty(); });
  EXPECT_EQ(server_->received.size(), 3U);
  EXPECT_EQ(server_->ends.size(), 1U);
}

TEST_F(LinuxLocalStream, TheKernelHoldsNoMoreThanTheCapacityWhateverTheSizeOfWrites) {
  for (const std::size_t size : {1U, 31U, 1'000U, 4'096U, 20'000U, 1'000'000U}) {
    SCOPED_TRACE(size);
    make_pair();
    server_->start();
    const auto bytes = pattern(size);
    while (server_->write(bytes) == bytes.size()) {
    }
    int held = 0;
    const auto& stream = dynamic_cast<const platform::UnixStream&>(server_->stream());
    ASSERT_EQ(ioctl(stream.fd(), TIOCOUTQ, &held), 0);
    EXPECT_LE(held, 64 << 10);
    EXPECT_LT(static_cast<std::size_t>(held), stream.capacity());
    EXPECT_LE(stream.capacity(), std::size_t{96} << 10U) << "the default maximum of a client";
  }
}

TEST_F(LinuxLocalStream, MakesItsFolderForAllToEnterAndItsSocketAsAsked) {
  const mode_t old = umask(0077);
  listen({.name = world_.path(), .mode = 0660, .group = std::to_string(getegid())});
  umask(old);
  EXPECT_EQ(mode_of(std::filesystem::path(world_.path()).parent_path()), 0755U);
  EXPECT_EQ(mode_of(world_.path()), 0660U);
  listener_.reset();
  EXPECT_FALSE(std::filesystem::exists(world_.path()));
}

TEST_F(LinuxLocalStream, ASecondListenerIsToldWhoHasThePath) {
  listen({.name = world_.path(), .mode = 0666, .group = {}});
  const auto second = world_.listen();
  ASSERT_FALSE(second);
  EXPECT_THAT(second.error().message(), HasSubstr(world_.path()));
  EXPECT_THAT(second.error().message(), HasSubstr("process " + std::to_string(getpid())));
}

TEST_F(LinuxLocalStream, WhatIsNoSocketIsLeftWhereItIs) {
  std::filesystem::create_directories(std::filesystem::path(world_.path()).parent_path());
  std::ofstream(world_.path()) << "precious";
  const auto listener = world_.listen();
  ASSERT_FALSE(listener);
  EXPECT_THAT(listener.error().message(), HasSubstr("no socket"));
  EXPECT_TRUE(std::filesystem::exists(world_.path()));
}

TEST_F(LinuxLocalStream, RefusesPathsAndGroupsThatCannotBe) {
  const auto& executor = world_.loop().get_executor();
  EXPECT_FALSE(
      platform::open_local_listener({.name = std::string(108, 'x'), .mode = 0666, .group = {}}, executor, log_));
  const auto listener =
      platform::open_local_listener({.name = world_.path(), .mode = 0660, .group = "no-such-group"}, executor, log_);
  ASSERT_FALSE(listener);
  EXPECT_THAT(listener.error().message(), HasSubstr("no-such-group"));
  EXPECT_FALSE(std::filesystem::exists(world_.path())) << "nobody would listen there";
}

TEST_F(LinuxLocalStream, AChildOfForkDoesNotTakeTheSocketWithIt) {
  listen({.name = world_.path(), .mode = 0666, .group = {}});
  const testing::ForkedProcess child([this](char) {
    listener_.reset();
    return 'y';
  });
  EXPECT_TRUE(std::filesystem::exists(world_.path()));
  EXPECT_FALSE(world_.listen()) << "the lock is the parent's still";
}

TEST_F(LinuxLocalStream, DescriptorsAreNotInheritedByPrograms) {
  const auto inheritable = [] {
    int count = 0;
    for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
      const int flags = fcntl(std::stoi(entry.path().filename().string()), F_GETFD);
      if (flags >= 0 && (flags & FD_CLOEXEC) == 0) ++count;
    }
    return count;
  };
  const int before = inheritable();
  make_pair();
  const auto watch = listener_->watch_process(server_->stream(), [] {});
  ASSERT_TRUE(watch);
  const auto client = world_.connect();
  ASSERT_TRUE(client);
  EXPECT_EQ(inheritable(), before);
}

}  // namespace
}  // namespace sounder::contract
