// The judge of the accuracy table, judged.
#include "bench/accuracy/comparison.h"

#include <gmock/gmock.h>

namespace sounder::bench {
namespace {

using ::testing::ElementsAre;

constexpr std::uint32_t kTarget = 0x0a640001;
constexpr std::int64_t kMillisecond = 1'000'000;

WireEcho echo(std::uint16_t sequence, std::int64_t sent_ns, std::int64_t rtt_ns) {
  return {kTarget, 7, sequence, sent_ns, rtt_ns};
}

TEST(Comparison, EachReportIsHeldAgainstItsOwnPacket) {
  const std::vector<WireEcho> wire{echo(5, 0, 20'000), echo(6, kMillisecond, 30'000), echo(7, 2 * kMillisecond, -1)};
  const std::vector<Report> reports{{kTarget, 6, 36'000, "user"}, {kTarget, 5, 19'000, "kernel"}};
  const Comparison result = compare(wire, reports, Numbering::kSequence, 0);
  EXPECT_THAT(result.error_us, ElementsAre(1.0, 6.0));
  EXPECT_EQ(result.round_trips, 2U);
  EXPECT_EQ(result.unreported, 0U);
  EXPECT_EQ(result.kernel, 1U);
  EXPECT_EQ(result.share_within(5), 0.5);
  EXPECT_EQ(result.rate, 1000);
  EXPECT_EQ(result.identifiers, 1U);
}

TEST(Comparison, WhatWasNotReportedIsCountedButForTheLastOnes) {
  const std::vector<WireEcho> wire{echo(5, 0, 20'000), echo(6, 50 * kMillisecond, 20'000)};
  EXPECT_EQ(compare(wire, {}, Numbering::kSequence, 0).unreported, 2U);
  EXPECT_EQ(compare(wire, {}, Numbering::kSequence, 10 * kMillisecond).unreported, 1U);
}

TEST(Comparison, AToolThatCountsItsPingsIsJoinedByOrder) {
  const std::vector<WireEcho> wire{echo(900, 0, 20'000), echo(17, kMillisecond, 30'000)};
  const std::vector<Report> reports{{kTarget, 0, 20'000, "-"}, {kTarget, 1, 33'000, "-"}};
  const Comparison result = compare(wire, reports, Numbering::kOrder, 0);
  EXPECT_THAT(result.error_us, ElementsAre(0.0, 3.0));
  EXPECT_FALSE(result.tells_stamps);
}

TEST(Comparison, QuantilesAreValuesThatOccurred) {
  Comparison result;
  for (int i = 1; i <= 1000; ++i) result.error_us.push_back(i);
  EXPECT_EQ(result.quantile(0.5), 500);
  EXPECT_EQ(result.quantile(0.999), 999);
  EXPECT_EQ(result.quantile(1), 1000);
}

}  // namespace
}  // namespace sounder::bench
