// Local streams in a child of fork().
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <optional>

#include "engine/platform/linux/fork_guard.h"
#include "engine/platform/local_stream.h"

namespace sounder::platform {
namespace {

/// Runs `check` in a child; its result.
template <class Check>
bool in_child(const Check& check) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(check() ? 0 : 1);
  int status = -1;
  return ::waitpid(child, &status, 0) == child && status == 0;
}

class ForkGuardTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair_.data()), 0); }
  ~ForkGuardTest() override {
    for (const int fd : pair_) ::close(fd);
  }
  [[nodiscard]] bool peer_hears(char letter) {
    char heard = 0;
    return ::send(pair_[0], &letter, 1, MSG_NOSIGNAL) == 1 && ::read(pair_[1], &heard, 1) == 1 && heard == letter;
  }

  std::array<int, 2> pair_{-1, -1};
};

TEST_F(ForkGuardTest, AChildNeitherReadsNorWrites) {
  const ForkGuard guard(pair_[0]);
  ASSERT_EQ(::write(pair_[1], "x", 1), 1);
  EXPECT_TRUE(in_child([&] {
    char letter = 0;
    return ::read(pair_[0], &letter, 1) == 0 && ::send(pair_[0], "y", 1, MSG_NOSIGNAL) < 0;
  }));
  // What was there is there for the parent, and its peer has heard nothing of the child.
  char letter = 0;
  EXPECT_EQ(::read(pair_[0], &letter, 1), 1);
  EXPECT_EQ(letter, 'x');
  EXPECT_TRUE(peer_hears('z'));
}

TEST_F(ForkGuardTest, OneThatHasEndedGuardsNothing) {
  std::optional<ForkGuard> guard(pair_[0]);
  guard.reset();
  EXPECT_TRUE(in_child([&] { return ::send(pair_[0], "y", 1, MSG_NOSIGNAL) == 1; }));
  char letter = 0;
  EXPECT_EQ(::read(pair_[1], &letter, 1), 1);
}

TEST_F(ForkGuardTest, TheGenerationIsAnotherInAChild) {
  const auto here = fork_generation();
  EXPECT_TRUE(in_child([&] { return fork_generation() != here; }));
  EXPECT_EQ(fork_generation(), here);
}

TEST_F(ForkGuardTest, AChildsOwnChildrenAreGuardedToo) {
  EXPECT_TRUE(in_child([&] {
    const ForkGuard guard(pair_[0]);
    return in_child([&] { return ::send(pair_[0], "y", 1, MSG_NOSIGNAL) < 0; }) &&
           ::send(pair_[0], "y", 1, MSG_NOSIGNAL) == 1;
  }));
}

}  // namespace
}  // namespace sounder::platform
