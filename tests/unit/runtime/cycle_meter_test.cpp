#include "engine/runtime/cycle_meter.h"

#include <gtest/gtest.h>

namespace sounder::runtime {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

class CycleMeterTest : public ::testing::Test {
 protected:
  /// A cycle that ends `at` after the start.
  void cycle(base::Duration at, base::Duration duration) {
    const base::MonoTime end = base::MonoTime(std::chrono::hours(5)) + at;
    meter_.add(end - duration, end);
  }
  [[nodiscard]] base::Duration longest() const { return base::Duration(numbers_.cycle_max_ns.load()); }

  probe::EngineNumbers numbers_;
  CycleMeter meter_{numbers_};
};

TEST_F(CycleMeterTest, CountsCyclesAndTheirDurations) {
  cycle(seconds(0), microseconds(15));
  cycle(seconds(1), microseconds(15));
  EXPECT_EQ(numbers_.cycles, 2U);
  EXPECT_EQ(numbers_.cycle.counts[1], 2U);  // above 10 µs, up to 20 µs
  EXPECT_EQ(numbers_.cycle.sum_ns, 30'000U);
}

TEST_F(CycleMeterTest, KeepsTheLongestForAMinute) {
  cycle(seconds(0), milliseconds(9));
  for (int second = 1; second <= 54; ++second) {
    cycle(seconds(second), milliseconds(2));
    EXPECT_EQ(longest(), milliseconds(9)) << second;
  }
}

TEST_F(CycleMeterTest, ForgetsTheLongestAfterAMinute) {
  cycle(seconds(0), milliseconds(9));
  for (int second = 1; second <= 61; ++second) cycle(seconds(second), milliseconds(2));
  EXPECT_EQ(longest(), milliseconds(2));
}

TEST_F(CycleMeterTest, ForgetsEverythingAfterALongPause) {
  for (int second = 0; second < 60; ++second) cycle(seconds(second), milliseconds(9));
  cycle(seconds(1000), milliseconds(1));
  EXPECT_EQ(longest(), milliseconds(1));
}

TEST_F(CycleMeterTest, TheLongestOfTheRestRemains) {
  cycle(seconds(0), milliseconds(9));
  cycle(seconds(30), milliseconds(5));
  cycle(seconds(62), milliseconds(1));
  EXPECT_EQ(longest(), milliseconds(5));
}

}  // namespace
}  // namespace sounder::runtime
