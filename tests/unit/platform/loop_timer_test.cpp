/// The loop timer of the system that is built for.
#include <gtest/gtest.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <memory>

#include "engine/platform/platform.h"

namespace sounder::platform {
namespace {

using std::chrono::milliseconds;

/// A hang, not a speed.
constexpr auto kPatience = std::chrono::seconds(10);

class LoopTimerTest : public ::testing::Test {
 protected:
  LoopTimerTest() {
    timer_ = make_loop_timer(context_.get_executor(), [this] {
      ++calls_;
      called_at_ = clock_->mono_now();
      context_.stop();
    });
  }
  /// Until the timer's handler stops the context.
  void run() {
    context_.restart();
    const auto work = boost::asio::make_work_guard(context_);
    context_.run_for(kPatience);
  }

  std::unique_ptr<io::Clock> clock_ = make_clock();
  boost::asio::io_context context_;
  std::unique_ptr<io::LoopTimer> timer_;
  int calls_ = 0;
  base::MonoTime called_at_{};
};

TEST_F(LoopTimerTest, CallsOnceAndNotTooEarly) {
  const auto before = clock_->mono_now();
  timer_->set(milliseconds(3));
  run();
  EXPECT_EQ(calls_, 1);
  EXPECT_GE(called_at_ - before, milliseconds(3));
}

TEST_F(LoopTimerTest, WhatIsDueIsCalledFromTheLoopAllTheSame) {
  timer_->set(base::Duration(0));
  EXPECT_EQ(calls_, 0);
  run();
  EXPECT_EQ(calls_, 1);
  timer_->set(milliseconds(-5));
  run();
  EXPECT_EQ(calls_, 2);
}

TEST_F(LoopTimerTest, ALaterTimeReplacesAnEarlierOneThatIsAlreadyDue) {
  const auto before = clock_->mono_now();
  timer_->set(base::Duration(0));
  timer_->set(milliseconds(5));
  run();
  EXPECT_EQ(calls_, 1);
  EXPECT_GE(called_at_ - before, milliseconds(5));
}

TEST_F(LoopTimerTest, AnEarlierTimeReplacesALaterOne) {
  timer_->set(std::chrono::hours(1));
  timer_->set(milliseconds(1));
  run();
  EXPECT_EQ(calls_, 1);
}

TEST_F(LoopTimerTest, CallsNoMoreAfterACancel) {
  timer_->set(base::Duration(0));
  timer_->cancel();
  context_.poll();
  EXPECT_EQ(calls_, 0);
  timer_->set(milliseconds(1));
  run();
  EXPECT_EQ(calls_, 1);
}

TEST_F(LoopTimerTest, CallsNoMoreAfterItsEnd) {
  timer_->set(base::Duration(0));
  timer_.reset();
  context_.poll();
  EXPECT_EQ(calls_, 0);
}

}  // namespace
}  // namespace sounder::platform
