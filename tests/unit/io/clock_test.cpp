#include "engine/io/clock.h"

#include <gtest/gtest.h>

#include <deque>
#include <utility>

namespace sounder::io {
namespace {

using namespace std::chrono_literals;

/// Both clocks run together, and each reading takes the time that is next in the row, then none.
class HaltingClock final : public Clock {
 public:
  explicit HaltingClock(std::deque<base::Duration> halts) : halts_(std::move(halts)) {}

  [[nodiscard]] base::MonoTime mono_now() const override { return base::MonoTime(elapse()); }
  [[nodiscard]] base::WallTime wall_now() const override { return base::WallTime(elapse()); }

 private:
  base::Duration elapse() const {
    if (!halts_.empty()) {
      elapsed_ += halts_.front();
      halts_.pop_front();
    }
    return elapsed_;
  }

  mutable std::deque<base::Duration> halts_;
  mutable base::Duration elapsed_ = 1h;
};

base::Duration apart(const Moment& moment) { return moment.mono.time_since_epoch() - moment.wall.time_since_epoch(); }

TEST(Clock, BothAreReadAtOneMoment) {
  const Moment moment = HaltingClock({0ns, 30ns, 30ns}).now();
  EXPECT_EQ(moment.mono.time_since_epoch(), 1h + 60ns);
  EXPECT_EQ(apart(moment), 30ns);
}

TEST(Clock, WhoLosesTheProcessorBetweenThemReadsAgain) {
  EXPECT_EQ(apart(HaltingClock({0ns, 0ns, 4ms, 0ns, 10ns, 10ns}).now()), 10ns);
  EXPECT_EQ(apart(HaltingClock({0ns, 4ms, 0ns, 0ns, 10ns, 10ns}).now()), 10ns);
}

TEST(Clock, WhoLosesItEachTimeGetsTheBestReading) {
  const HaltingClock clock({0ns, 0ns, 4ms, 0ns, 0ns, 1ms, 0ns, 0ns, 2ms, 0ns, 0ns, 3ms});
  EXPECT_EQ(apart(clock.now()), 1ms);
}

}  // namespace
}  // namespace sounder::io
