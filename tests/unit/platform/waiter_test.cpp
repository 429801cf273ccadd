#include "engine/platform/linux/waiter.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <boost/asio/io_context.hpp>
#include <optional>

namespace sounder::platform {

namespace {

class WaiterTest : public ::testing::Test {
 protected:
  WaiterTest() {
    for (auto& ends : pipes_) EXPECT_EQ(pipe(ends.data()), 0);
    waiter_.emplace(context_.get_executor());
    for (auto& ends : pipes_) waiter_->watch(ends[0]);
  }
  ~WaiterTest() override {
    waiter_.reset();
    for (auto& ends : pipes_) {
      close(ends[0]);
      close(ends[1]);
    }
  }
  void fill(std::size_t place) { ASSERT_EQ(write(pipes_.at(place)[1], "x", 1), 1); }
  void wait() {
    waiter_->wait([this] { ++calls_; });
  }

  std::array<std::array<int, 2>, 2> pipes_{};
  boost::asio::io_context context_;
  std::optional<Waiter> waiter_;
  int calls_ = 0;
};

TEST_F(WaiterTest, CallsOnceForTwoDescriptorsThatAreReady) {
  fill(0);
  fill(1);
  wait();
  context_.poll();
  EXPECT_EQ(calls_, 1);
}

TEST_F(WaiterTest, SaysWhichOneWasReady) {
  fill(1);
  wait();
  context_.poll();
  EXPECT_EQ(calls_, 1);
  EXPECT_FALSE(waiter_->take_ready(0));
  EXPECT_TRUE(waiter_->take_ready(1));
  EXPECT_FALSE(waiter_->take_ready(1)) << "once";
}

TEST_F(WaiterTest, ANewWaitFindsWhatIsStillUnread) {
  fill(0);
  wait();
  context_.poll();
  wait();
  context_.poll();
  EXPECT_EQ(calls_, 2);
}

TEST_F(WaiterTest, ACancelledHandlerNeverRunsEvenIfItWasQueued) {
  fill(0);
  wait();
  waiter_->cancel();
  context_.poll();
  EXPECT_EQ(calls_, 0);
}

TEST_F(WaiterTest, ACancelledWaitLeavesTheNextOneWhole) {
  wait();
  waiter_->cancel();
  wait();
  fill(0);
  context_.restart();
  context_.poll();
  EXPECT_EQ(calls_, 1);
}

TEST_F(WaiterTest, HandlersMayOutliveIt) {
  fill(0);
  wait();
  waiter_.reset();
  context_.poll();
  EXPECT_EQ(calls_, 0);
}

}  // namespace

}  // namespace sounder::platform
