/// Due times, slips, pacing and bounds.
#include "tests/unit/probe/engine_fixture.h"

namespace sounder::probe::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class EngineSchedule : public EngineTest {};

ProbeOptions every(base::Duration interval, base::Duration timeout = 2s) {
  ProbeOptions options;
  options.interval = interval;
  options.timeout = timeout;
  return options;
}

TEST_F(EngineSchedule, ThePhaseIsThatOfTheGridWheneverTheTargetIsAdded) {
  const std::uint64_t hash = 17'000'000'300'000'000;  // 300 ms modulo 1 s
  const auto record = add("192.0.2.1", options(), 12'345ms, hash);
  EXPECT_EQ(engine().next_deadline(), at(13'300ms));
  remove(record, 14s);
  add("192.0.2.1", options(), 20'100ms, hash);
  EXPECT_EQ(engine().next_deadline(), at(20'300ms));
}

TEST_F(EngineSchedule, TargetsOfOneIntervalAreNotInStep) {
  add("192.0.2.1", options(), 0s, 250'000'000);
  add("192.0.2.2", options(), 0s, 750'000'000);
  EXPECT_THAT(deadline(300ms).sends, ElementsAre(GoesTo("192.0.2.1")));
  EXPECT_THAT(deadline(800ms).sends, ElementsAre(GoesTo("192.0.2.2")));
  EXPECT_EQ(engine().next_deadline(), at(1250ms));
}

TEST_F(EngineSchedule, ALateSendIsNoSlipUntilTheNextDueTime) {
  const auto record = add("192.0.2.1");
  EXPECT_THAT(send(999ms).outcomes, IsEmpty());
  EXPECT_EQ(engine().next_deadline(), at(1s));
  EXPECT_EQ(read(record).due, 1U);
  // 999 ms late: in the bucket up to 1.31 s, the last with a bound.
  EXPECT_EQ(numbers().send_lateness.counts[DurationHistogram::kBounds - 1], 1U);
}

TEST_F(EngineSchedule, WhatWasMissedIsSlippedAndNeverMadeUpFor) {
  const auto record = add("192.0.2.1");
  EXPECT_THAT(send(5100ms).sends, SizeIs(1));
  ASSERT_THAT(actions().outcomes, ElementsAre(IsOutcome(OutcomeKind::kSlipped)));
  EXPECT_EQ(actions().outcomes[0].count, 5U);
  EXPECT_EQ(actions().outcomes[0].due, at(0s));
  EXPECT_EQ(read(record).due, 6U);
  EXPECT_EQ(read(record).outcome(OutcomeKind::kSlipped), 5U);
  EXPECT_EQ(read(record).in_flight, 1U);
  EXPECT_EQ(engine().next_deadline(), at(6s));
}

TEST_F(EngineSchedule, AStallOfFiveSecondsAtTenMillisecondsIsOneStep) {
  const auto record = add("192.0.2.1", every(10ms));
  EXPECT_THAT(send(0s).sends, SizeIs(1));
  EXPECT_THAT(send(5s).sends, SizeIs(1));
  EXPECT_EQ(read(record).outcome(OutcomeKind::kSlipped), 499U);
  EXPECT_EQ(read(record).due, 501U);
  EXPECT_EQ(read(record).outcome(OutcomeKind::kTimeout), 1U);  // the one of 0 s
}

TEST_F(EngineSchedule, TheRateLimitSpreadsABurstOverTime) {
  config_.rate_limit = 1000;  // ten at once, then one a millisecond
  start();
  for (int i = 1; i <= 20; ++i) add("192.0.2." + std::to_string(i));
  EXPECT_THAT(deadline(0s).sends, SizeIs(10));
  EXPECT_EQ(engine().next_deadline(), at(1ms));
  EXPECT_THAT(deadline(1ms - 1ns).sends, IsEmpty());
  EXPECT_THAT(deadline(1ms).sends, SizeIs(1));
  EXPECT_THAT(deadline(9ms).sends, SizeIs(8));
  EXPECT_THAT(deadline(20ms).sends, SizeIs(1));
  EXPECT_EQ(engine().next_deadline(), at(1s));
}

TEST_F(EngineSchedule, WhatTheRateLimitDoesNotLetGoInTimeSlips) {
  config_.rate_limit = 1;
  start();
  const auto first = add("192.0.2.1");
  const auto second = add("192.0.2.2");
  for (base::Duration now = 0s; now <= 10s; now += 100ms) send(now);
  const TargetNumbers a = read(first);
  const TargetNumbers b = read(second);
  EXPECT_EQ(a.due - a.outcome(OutcomeKind::kSlipped) + b.due - b.outcome(OutcomeKind::kSlipped), 11U);
  EXPECT_GE(a.outcome(OutcomeKind::kSlipped), 4U);
  EXPECT_GE(b.outcome(OutcomeKind::kSlipped), 4U);
}

TEST_F(EngineSchedule, StopsEarlyWhenTheBatchIsFullAndSaysSo) {
  const std::size_t targets = base::kSendBatch + 44;
  for (std::size_t i = 0; i < targets; ++i) {
    add("10.0." + std::to_string(i / 250) + "." + std::to_string(i % 250 + 1));
  }
  EXPECT_THAT(send(1s).sends, SizeIs(base::kSendBatch));
  EXPECT_LE(engine().next_deadline(), at(1s));
  EXPECT_THAT(send(1s).sends, SizeIs(44));
  EXPECT_GT(engine().next_deadline(), at(1s));
}

TEST_F(EngineSchedule, TheLongestIntervalIsKeptExactly) {
  add("192.0.2.1", every(std::chrono::hours(1)), 10s, 1'800'000'000'123);
  EXPECT_EQ(engine().next_deadline(), at(1800s + 123ns));
  EXPECT_THAT(deadline(1800s + 122ns).sends, IsEmpty());
  EXPECT_THAT(deadline(1800s + 123ns).sends, SizeIs(1));
  accept(1800s + 123ns);
  EXPECT_THAT(deadline(1900s).outcomes, SizeIs(1));
  EXPECT_EQ(engine().next_deadline(), at(5400s + 123ns));
}

TEST_F(EngineSchedule, NothingExpiresWhileOlderPacketsMayBeUnread) {
  add("192.0.2.1");
  send(0s);
  EXPECT_THAT(deadline(5s, 2s - 1ns).outcomes, ::testing::Not(::testing::Contains(IsOutcome(OutcomeKind::kTimeout))));
  EXPECT_LE(engine().next_deadline(), at(5s));
  EXPECT_THAT(deadline(5s, 2s).outcomes, ElementsAre(IsOutcome(OutcomeKind::kTimeout)));
}

}  // namespace
}  // namespace sounder::probe::testing
