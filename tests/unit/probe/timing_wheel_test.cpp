#include "engine/probe/timing_wheel.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <vector>

namespace sounder::probe {
namespace {

using namespace std::chrono_literals;

struct Items {
  std::vector<TimerLink> links{64};
  TimerLink& timer(std::uint32_t item) { return links[item]; }
};

base::MonoTime at(base::Duration time) { return base::MonoTime(time); }

class Wheel : public ::testing::Test {
 protected:
  std::vector<std::uint32_t> pop_all(base::MonoTime now) {
    std::vector<std::uint32_t> popped;
    while (const auto item = wheel_.pop(now)) popped.push_back(*item);
    return popped;
  }

  Items items_;
  TimingWheel<Items> wheel_{items_};
};

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST_F(Wheel, AnEmptyOneHasNoNextTime) {
  EXPECT_EQ(wheel_.next(), base::MonoTime::max());
  EXPECT_FALSE(wheel_.pop(at(1h)).has_value());
}

TEST_F(Wheel, TimesAreExactWithinATick) {
  wheel_.insert(1, at(5us), at(0s));
  wheel_.insert(2, at(3us), at(0s));
  EXPECT_EQ(wheel_.next(), at(3us));
  EXPECT_THAT(pop_all(at(4us)), ElementsAre(2));
  EXPECT_EQ(wheel_.next(), at(5us));
  EXPECT_THAT(pop_all(at(5us)), ElementsAre(1));
}

TEST_F(Wheel, AnItemEarlierThanAllOthersIsFoundFirst) {
  wheel_.insert(1, at(1h), at(0s));
  EXPECT_THAT(pop_all(at(1s)), IsEmpty());
  wheel_.insert(2, at(1500ms), at(1s));
  EXPECT_EQ(wheel_.next(), at(1500ms));
  EXPECT_THAT(pop_all(at(1500ms)), ElementsAre(2));
  EXPECT_EQ(wheel_.next(), at(1h));
}

TEST_F(Wheel, PastTimesAreDueAtOnce) {
  wheel_.insert(1, at(100s), at(100s));
  EXPECT_THAT(pop_all(at(100s)), ElementsAre(1));
  wheel_.insert(2, at(50s), at(100s));
  EXPECT_LE(wheel_.next(), at(100s));
  EXPECT_THAT(pop_all(at(100s)), ElementsAre(2));
}

TEST_F(Wheel, BacklogComesEarliestFirst) {
  wheel_.insert(1, at(30s), at(0s));
  wheel_.insert(2, at(2s), at(0s));
  wheel_.insert(3, at(100ms), at(0s));
  wheel_.insert(4, at(1h), at(0s));
  EXPECT_THAT(pop_all(at(2h)), ElementsAre(3, 2, 1, 4));
}

TEST_F(Wheel, RemovesFromEveryLevel) {
  wheel_.insert(1, at(10ms), at(0s));
  wheel_.insert(2, at(10ms), at(0s));
  wheel_.insert(3, at(30s), at(0s));
  wheel_.insert(4, at(30s), at(0s));
  wheel_.insert(5, at(1500ms), at(0s));
  for (const std::uint32_t item : {1U, 3U, 5U}) wheel_.remove(item);
  EXPECT_EQ(wheel_.size(), 2U);
  EXPECT_THAT(pop_all(at(1min)), ElementsAre(2, 4));
}

TEST_F(Wheel, WaitsLongerThanItsHorizonAreKept) {
  wheel_.insert(1, at(100h), at(0s));
  wheel_.insert(2, at(200h), at(0s));
  EXPECT_THAT(pop_all(at(100h - 1ns)), IsEmpty());
  EXPECT_THAT(pop_all(at(100h)), ElementsAre(1));
  wheel_.remove(2);
  EXPECT_EQ(wheel_.next(), base::MonoTime::max());
}

}  // namespace
}  // namespace sounder::probe
