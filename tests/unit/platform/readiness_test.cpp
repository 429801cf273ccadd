// Both ways to be told that a descriptor is ready: watched alone by Asio, and in a set. Then what a set has of its own.
#include "engine/platform/linux/readiness.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/platform/linux/file_descriptor.h"
#include "engine/platform/linux/ready_set.h"

namespace sounder::platform {

namespace {

/// One end of a pair of sockets, and what is told about it.
struct End final : ReadinessListener {
  End() {
    std::array<int, 2> ends{};
    EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()), 0);
    mine = FileDescriptor(ends[0]);
    peer = FileDescriptor(ends[1]);
  }
  void on_readable() override {
    ++readable;
    if (when_readable) when_readable();
  }
  void on_writable() override {
    ++writable;
    if (when_writable) when_writable();
  }
  void fill() const { EXPECT_EQ(::write(peer.get(), "x", 1), 1); }
  void take() const {
    char byte = 0;
    EXPECT_EQ(::read(mine.get(), &byte, 1), 1);
  }
  /// Until the peer has to read.
  void choke() const {
    const std::string much(4096, 'x');
    while (::write(mine.get(), much.data(), much.size()) > 0) {
    }
  }
  void drain_peer() const {
    std::array<char, 4096> much{};
    while (::read(peer.get(), much.data(), much.size()) > 0) {
    }
  }

  FileDescriptor mine;
  FileDescriptor peer;
  std::unique_ptr<Readiness> readiness;
  std::function<void()> when_readable;
  std::function<void()> when_writable;
  int readable = 0;
  int writable = 0;
};

class ReadinessTest : public ::testing::TestWithParam<bool> {
 protected:
  std::shared_ptr<End> watched(bool start = true) {
    auto end = std::make_shared<End>();
    auto readiness = GetParam() ? set_->watch(end->mine.get()) : watch_alone(end->mine.get(), context_.get_executor());
    EXPECT_TRUE(readiness);
    end->readiness = std::move(*readiness);
    if (start) {
      EXPECT_TRUE(end->readiness->start(end));
    }
    return end;
  }
  /// All that the loop has to do; what stays unread would keep it busy for ever.
  void turn(int handlers = 8) {
    context_.restart();
    for (int i = 0; i < handlers && context_.poll_one() != 0; ++i) {
    }
  }

  boost::asio::io_context context_;
  std::shared_ptr<ReadySet> set_ = ReadySet::open(context_.get_executor()).value();
};

TEST_P(ReadinessTest, TellsUntilAllIsTaken) {
  const auto end = watched();
  turn();
  EXPECT_EQ(end->readable, 0);
  end->fill();
  turn();
  EXPECT_GT(end->readable, 1) << "it was not read";
  end->take();
  turn();
  const int before = end->readable;
  turn();
  EXPECT_EQ(end->readable, before);
  end->fill();
  turn();
  EXPECT_GT(end->readable, before);
}

TEST_P(ReadinessTest, TellsOfRoomOnceEachTime) {
  const auto end = watched();
  end->choke();
  turn();
  EXPECT_EQ(end->writable, 0) << "nobody asked";
  end->readiness->want_writable();
  turn();
  EXPECT_EQ(end->writable, 0) << "there is none";
  end->drain_peer();
  turn();
  EXPECT_EQ(end->writable, 1);
  turn();
  EXPECT_EQ(end->writable, 1);
  end->when_writable = [&] {
    if (end->writable == 2) end->readiness->want_writable();
  };
  end->readiness->want_writable();
  turn();
  EXPECT_EQ(end->writable, 3) << "asked for again inside the call";
  EXPECT_EQ(end->readable, 0);
}

TEST_P(ReadinessTest, AnEndIsReadable) {
  const auto end = watched();
  end->when_readable = [&] { end->readiness.reset(); };
  end->peer = FileDescriptor();
  turn();
  EXPECT_EQ(end->readable, 1);
}

TEST_P(ReadinessTest, NobodyIsToldAfterwards) {
  const auto end = watched();
  end->fill();
  end->readiness.reset();
  turn();
  EXPECT_EQ(end->readable, 0);
}

TEST_P(ReadinessTest, KeepsNobodyBusyBeforeItIsStarted) {
  const auto end = watched(false);
  end->fill();
  context_.restart();
  context_.poll();  // ends
  EXPECT_EQ(end->readable, 0);
  EXPECT_TRUE(end->readiness->start(end));
  turn();
  EXPECT_GT(end->readable, 0);
}

TEST_P(ReadinessTest, GoesWithItsListenerInsideTheCall) {
  auto end = watched();
  int told = 0;
  end->choke();
  end->readiness->want_writable();
  end->drain_peer();
  end->fill();
  end->when_readable = [&] {
    ++told;
    end->readiness.reset();
    end.reset();
  };
  turn();
  EXPECT_EQ(told, 1);
}

INSTANTIATE_TEST_SUITE_P(Watched, ReadinessTest, ::testing::Bool(),
                         [](const auto& in_a_set) { return in_a_set.param ? "InASet" : "Alone"; });

class ReadySetTest : public ReadinessTest {};

TEST_P(ReadySetTest, TellsEveryoneInTurnsOfBoundedLength) {
  std::vector<std::shared_ptr<End>> ends;
  int told = 0;
  for (std::size_t i = 0; i < 3 * ReadySet::kMostPerTurn; ++i) {
    ends.push_back(watched());
    ends.back()->when_readable = [&] { ++told; };
    ends.back()->fill();
  }
  turn(1);
  EXPECT_EQ(told, static_cast<int>(ReadySet::kMostPerTurn));
  turn(2);
  for (const auto& end : ends) EXPECT_EQ(end->readable, 1) << "nobody twice before all had a turn";
}

TEST_P(ReadySetTest, OneMayEndAnotherOfTheSameTurn) {
  std::vector<std::shared_ptr<End>> ends{watched(), watched()};
  int told = 0;
  for (const auto& end : ends) {
    end->fill();
    end->when_readable = [&] {
      ++told;
      for (const auto& each : ends) each->readiness.reset();
    };
  }
  turn();
  EXPECT_EQ(told, 1);
}

TEST_P(ReadySetTest, ANumberThatIsUsedAgainIsAnother) {
  auto end = watched();
  const int number = end->mine.get();
  end->fill();
  end->readiness.reset();
  end.reset();
  const auto next = watched();
  ASSERT_EQ(next->mine.get(), number);
  turn();
  EXPECT_EQ(next->readable, 0);
  next->fill();
  turn();
  EXPECT_GT(next->readable, 0);
}

TEST_P(ReadySetTest, SaysThatADescriptorCannotBeWatched) {
  const FileDescriptor file(::open("/proc/self/stat", O_RDONLY | O_CLOEXEC));
  EXPECT_FALSE(set_->watch(file.get())) << "epoll_ctl(2): EPERM";
  EXPECT_FALSE(set_->watch(-1));
}

INSTANTIATE_TEST_SUITE_P(Watched, ReadySetTest, ::testing::Values(true), [](const auto&) { return "InASet"; });

}  // namespace

}  // namespace sounder::platform
