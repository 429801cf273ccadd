// The judge of the accuracy table, judged.
#include "bench/accuracy/comparison.h"

#include <gmock/gmock.h>

#include <array>
#include <cstddef>

namespace sounder::bench {
namespace {

using ::testing::ElementsAre;

constexpr std::uint32_t kTarget = 0x0a640001;
constexpr std::int64_t kMillisecond = 1'000'000;

WireEcho echo(std::uint16_t sequence, std::int64_t sent_ns, std::int64_t rtt_ns) {
  return {kTarget, 7, sequence, sent_ns, rtt_ns, 0};
}

TEST(Comparison, EachReportIsHeldAgainstItsOwnPacket) {
  const std::vector<WireEcho> wire{echo(5, 0, 20'000), echo(6, kMillisecond, 30'000), echo(7, 2 * kMillisecond, -1)};
  const std::vector<Report> reports{{kTarget, 6, 36'000, "user"}, {kTarget, 5, 19'000, "kernel"}};
  const Comparison result = compare(wire, reports, Numbering::kSequence, 0);
  EXPECT_THAT(result.error_us, ElementsAre(1.0, 6.0));
  EXPECT_EQ(result.round_trips, 2U);
  EXPECT_EQ(result.unreported, 0U);
  EXPECT_EQ(result.kernel, 1U);
  EXPECT_EQ(Comparison::share_within(result.error_us, 5), 0.5);
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

TEST(Comparison, OnTheWireIsFromArrivalToArrival) {
  WireEcho slow = echo(5, 0, 50'000);
  slow.crossing_ns = 40'000;
  const auto result = compare({slow}, {{kTarget, 5, 11'000, "kernel"}}, Numbering::kSequence, 0);
  EXPECT_THAT(result.error_us, ElementsAre(1.0));
  EXPECT_THAT(result.queue_us, ElementsAre(39.0));
}

TEST(Comparison, WhereTheRequestLeftBetweenTheTwoLooksIsNotHeldAgainstAReport) {
  WireEcho late = echo(5, 0, 50'000);
  late.crossing_ns = 40'000;  // so it took from 10 to 50 µs
  const auto outside = [&](std::int64_t reported_ns) {
    return compare({late}, {{kTarget, 5, reported_ns, "kernel"}}, Numbering::kSequence, 0).outside_us;
  };
  EXPECT_THAT(outside(50'000), ElementsAre(0.0));
  EXPECT_THAT(outside(12'000), ElementsAre(0.0));
  EXPECT_THAT(outside(7'000), ElementsAre(3.0));
  EXPECT_THAT(outside(58'000), ElementsAre(8.0));
  late.crossing_ns = -1;
  EXPECT_THAT(outside(50'000), ElementsAre());  // the far end did not see it
}

TEST(WireLog, FindsWhereEachRequestArrived) {
  std::array<std::byte, 28> packet{};
  packet[16] = std::byte{10};
  const auto seen = [&](std::int64_t at_ns, bool outgoing, int type) {
    packet[20] = static_cast<std::byte>(type);
    packet[outgoing || type == 8 ? 16 : 12] = std::byte{10};
    return SeenPacket{at_ns, outgoing, packet};
  };
  WireLog log;
  log.add_far(seen(1'002'000'700, false, 8));  // the second of the same number, told of before it left
  log.add_far(seen(700, false, 8));
  log.add(seen(100, true, 8));
  log.add(seen(2'000, false, 0));
  log.add(seen(1'002'000'000, true, 8));
  const auto echoes = log.echoes();
  ASSERT_EQ(echoes.size(), 2U);
  EXPECT_EQ(echoes[0].crossing_ns, 600);
  EXPECT_EQ(echoes[0].rtt_ns, 1'900);
  EXPECT_EQ(echoes[1].crossing_ns, 700);
  EXPECT_EQ(echoes[1].rtt_ns, -1);
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
