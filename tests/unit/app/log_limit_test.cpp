#include "app/log_limit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sounder::app {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

constexpr base::MonoTime kStart{1h};

void fill(LogLimit& limit, std::string_view event, base::MonoTime now) {
  for (std::uint64_t i = 0; i < LogLimit::kLinesPerWindow; ++i) ASSERT_TRUE(limit.admit(event, now)) << i;
}

TEST(LogLimit, AdmitsTheFirstLinesOfAWindowOnly) {
  LogLimit limit;
  fill(limit, "target down", kStart);
  EXPECT_FALSE(limit.admit("target down", kStart + LogLimit::kWindow - 1ns));
  EXPECT_TRUE(limit.admit("target down", kStart + LogLimit::kWindow));
}

TEST(LogLimit, CausesDoNotShareALimit) {
  LogLimit limit;
  fill(limit, "target down", kStart);
  EXPECT_TRUE(limit.admit("target up", kStart));
}

TEST(LogLimit, TellsOnceWhatWasLeftOut) {
  LogLimit limit;
  fill(limit, "target down", kStart);
  EXPECT_FALSE(limit.admit("target down", kStart));
  EXPECT_FALSE(limit.admit("target down", kStart));
  EXPECT_THAT(limit.take_suppressed(kStart + 1s), IsEmpty()) << "more may come";
  EXPECT_THAT(limit.take_suppressed(kStart + LogLimit::kWindow), ElementsAre(Pair("target down", 2)));
  EXPECT_THAT(limit.take_suppressed(kStart + LogLimit::kWindow), IsEmpty());
}

TEST(LogLimit, TellsNothingWhereNothingWasLeftOut) {
  LogLimit limit;
  fill(limit, "target down", kStart);
  EXPECT_THAT(limit.take_suppressed(kStart + 1h), IsEmpty());
}

}  // namespace
}  // namespace sounder::app
