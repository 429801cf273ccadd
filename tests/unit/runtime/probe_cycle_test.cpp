#include "engine/runtime/probe_cycle.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/unit/runtime/echo_packet_io.h"
#include "tests/unit/runtime/fakes.h"

namespace sounder::runtime {
namespace {

using probe::OutcomeKind;
using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::Each;
using ::testing::ElementsAre;

class ProbeCycleTest : public ::testing::Test {
 protected:
  /// Targets that are due at every whole second.
  static std::unique_ptr<probe::TargetDelta> adds(std::size_t count) {
    auto delta = std::make_unique<probe::TargetDelta>();
    for (std::size_t i = 0; i < count; ++i) {
      delta->changes.emplace_back();
      auto& change = delta->changes.back();
      change.plan = std::make_unique<probe::TargetPlan>();
      change.plan->address = base::IpAddress::v4(static_cast<std::uint32_t>(0x0a000001 + i));
      change.plan->options = std::make_shared<const probe::ProbeOptions>();
      change.plan->phase_hash = 0;
      change.record = probe::make_target_record(*change.plan);
    }
    return delta;
  }
  void submit(std::unique_ptr<probe::TargetDelta> delta) {
    cycle().prepare(*delta);
    ASSERT_TRUE(channel().deltas.try_push(delta));
  }
  /// One of them, applied half a second before.
  std::shared_ptr<probe::TargetRecord> one_target() {
    auto delta = adds(1);
    const auto record = delta->changes[0].record;
    clock_.advance(milliseconds(500));
    submit(std::move(delta));
    static_cast<void>(cycle().run());
    applied_ = channel().applied.try_pop();
    return record;
  }
  [[nodiscard]] static probe::TargetNumbers numbers_of(const probe::TargetRecord& record) {
    probe::TargetNumbers numbers;
    probe::read_numbers(record, numbers);
    return numbers;
  }
  /// Made when it is first used, so that a test may set capacities_ before.
  ProbeChannel& channel() {
    if (!channel_) channel_ = std::make_unique<ProbeChannel>(capacities_, config_.max_requests);
    return *channel_;
  }
  ProbeCycle& cycle() {
    if (!cycle_) cycle_ = std::make_unique<ProbeCycle>(io_, clock_, config_, numbers_, channel());
    return *cycle_;
  }

  EventCapacities capacities_{64, 64, 64};
  probe::EngineConfig config_ = [] {
    probe::EngineConfig config;
    config.max_requests = 2000;
    return config;
  }();
  testing::ManualClock clock_;
  testing::EchoPacketIo io_{clock_};
  probe::EngineNumbers numbers_;
  std::unique_ptr<ProbeChannel> channel_;
  std::unique_ptr<ProbeCycle> cycle_;
  std::optional<std::unique_ptr<probe::TargetDelta>> applied_;
};

TEST_F(ProbeCycleTest, WithoutTargetsThereIsNothingToWaitFor) {
  const CycleEnd end = cycle().run();
  EXPECT_EQ(end.began, clock_.mono_now());
  EXPECT_EQ(end.deadline, base::MonoTime::max());
  EXPECT_FALSE(end.unfinished);
  EXPECT_FALSE(end.published);
}

TEST_F(ProbeCycleTest, ReadsBeforeItSends) {
  one_target();
  clock_.advance(milliseconds(500));
  io_.noting = true;
  static_cast<void>(cycle().run());
  EXPECT_THAT(io_.calls, ElementsAre("receive", "send 1"));
}

TEST_F(ProbeCycleTest, SendsNothingBeforeItIsDueAndSaysWhenThatIs) {
  one_target();
  const base::MonoTime due = clock_.mono_now() + milliseconds(500);
  clock_.advance(milliseconds(499));
  io_.noting = true;
  EXPECT_EQ(cycle().run().deadline, due);
  EXPECT_THAT(io_.calls, ElementsAre("receive"));
}

TEST_F(ProbeCycleTest, AReplyEndsItsProbe) {
  const auto record = one_target();
  clock_.advance(milliseconds(500));
  static_cast<void>(cycle().run());
  EXPECT_EQ(numbers_of(*record).in_flight, 1U);
  clock_.advance(milliseconds(1));
  EXPECT_TRUE(cycle().run().published);
  EXPECT_EQ(numbers_of(*record).outcome(OutcomeKind::kReply), 1U);
  EXPECT_EQ(numbers_of(*record).in_flight, 0U);
  const auto reported = channel().outcomes.try_pop();
  ASSERT_TRUE(reported);
  const probe::Outcome& outcome = reported->outcome;
  EXPECT_EQ(outcome.kind, OutcomeKind::kReply);
  EXPECT_EQ(outcome.rtt.tx, probe::StampSource::kKernel);
  EXPECT_EQ(channel().changes.try_pop()->state, probe::TargetState::kUp);
}

TEST_F(ProbeCycleTest, ASilentTargetTimesOut) {
  io_.answer = false;
  const auto record = one_target();
  clock_.advance(milliseconds(500));
  static_cast<void>(cycle().run());
  clock_.advance(seconds(2));
  static_cast<void>(cycle().run());
  EXPECT_EQ(numbers_of(*record).outcome(OutcomeKind::kTimeout), 1U);
}

/// A reply that lies in the queue at the deadline is a reply: nothing expires before it has been read.
TEST_F(ProbeCycleTest, WhatArrivedInTimeIsNoTimeoutHoweverLateItIsRead) {
  const auto record = one_target();
  clock_.advance(milliseconds(500));
  static_cast<void>(cycle().run());
  clock_.advance(seconds(30));
  static_cast<void>(cycle().run());
  EXPECT_EQ(numbers_of(*record).outcome(OutcomeKind::kTimeout), 0U);
  EXPECT_EQ(numbers_of(*record).outcome(OutcomeKind::kReply), 1U);
}

TEST_F(ProbeCycleTest, ARefusedSendIsAnOutcomeAtOnce) {
  io_.refuse = wire::SendFailure::kNoRoute;
  const auto record = one_target();
  clock_.advance(milliseconds(500));
  static_cast<void>(cycle().run());
  EXPECT_EQ(numbers_of(*record).outcome(OutcomeKind::kSendFailed), 1U);
  EXPECT_EQ(channel().outcomes.try_pop()->outcome.send_failure, wire::SendFailure::kNoRoute);
}

TEST_F(ProbeCycleTest, ReadsUntilNothingIsLeft) {
  clock_.advance(milliseconds(500));
  submit(adds(200));
  static_cast<void>(cycle().run());
  clock_.advance(milliseconds(500));
  static_cast<void>(cycle().run());
  io_.batch = 50;
  io_.noting = true;
  EXPECT_FALSE(cycle().run().unfinished);
  EXPECT_EQ(std::count(io_.calls.begin(), io_.calls.end(), "receive"), 4);
}

TEST_F(ProbeCycleTest, ReadsABoundedNumberOfBatches) {
  clock_.advance(milliseconds(500));
  submit(adds(200));
  static_cast<void>(cycle().run());
  clock_.advance(milliseconds(500));
  static_cast<void>(cycle().run());
  io_.batch = 10;
  io_.noting = true;
  EXPECT_TRUE(cycle().run().unfinished);
  EXPECT_EQ(std::count(io_.calls.begin(), io_.calls.end(), "receive"), 16);
  EXPECT_FALSE(cycle().run().unfinished);
}

TEST_F(ProbeCycleTest, SendsInBatches) {
  clock_.advance(milliseconds(500));
  submit(adds(300));
  static_cast<void>(cycle().run());
  clock_.advance(milliseconds(500));
  io_.noting = true;
  static_cast<void>(cycle().run());
  EXPECT_THAT(io_.calls, ElementsAre("receive", "send 256", "send 44"));
}

TEST_F(ProbeCycleTest, AppliesALargeDeltaInSeveralCycles) {
  submit(adds(1200));
  EXPECT_TRUE(cycle().run().unfinished);
  EXPECT_TRUE(cycle().run().unfinished);
  EXPECT_FALSE(channel().applied.try_pop());
  const CycleEnd end = cycle().run();
  EXPECT_FALSE(end.unfinished);
  EXPECT_TRUE(end.published);
  const auto delta = channel().applied.try_pop();
  ASSERT_TRUE(delta);
  EXPECT_EQ((*delta)->applied, 1200U);
}

TEST_F(ProbeCycleTest, OverflowsAreCounted) {
  io_.overflowed = 7;
  static_cast<void>(cycle().run());
  EXPECT_EQ(numbers_.receive_queue_overflows, 7U);
}

TEST_F(ProbeCycleTest, NothingIsPublishedWhereNobodyListens) {
  capacities_ = {0, 0, 0};
  const auto record = one_target();
  clock_.advance(milliseconds(500));
  static_cast<void>(cycle().run());
  EXPECT_FALSE(cycle().run().published);
  EXPECT_EQ(numbers_of(*record).outcome(OutcomeKind::kReply), 1U);
  EXPECT_EQ(channel().events_lost, 0U);
}

TEST_F(ProbeCycleTest, WhatDoesNotFitIsCountedAsLost) {
  capacities_ = {64, 0, 0};
  clock_.advance(milliseconds(500));
  submit(adds(100));
  static_cast<void>(cycle().run());
  clock_.advance(milliseconds(500));
  static_cast<void>(cycle().run());
  static_cast<void>(cycle().run());
  EXPECT_EQ(channel().events_lost, 36U);
}

TEST_F(ProbeCycleTest, CountsItself) {
  static_cast<void>(cycle().run());
  static_cast<void>(cycle().run());
  EXPECT_EQ(numbers_.cycles, 2U);
}

/// An echo to 192.0.2.1 that names itself `ticket`.
probe::EchoRequest echo(std::uint64_t ticket) {
  probe::EchoRequest request;
  request.ticket = probe::EchoTicket(ticket);
  request.address = testing::ip("192.0.2.1");
  return request;
}

TEST_F(ProbeCycleTest, EchoesLeaveInTheirCycleAndTheirResultsComeBack) {
  ASSERT_TRUE(channel().requests.try_push(echo(7)));
  static_cast<void>(cycle().run());
  EXPECT_EQ(io_.sent, 1U);
  clock_.advance(milliseconds(1));
  const CycleEnd end = cycle().run();
  EXPECT_TRUE(end.published);
  const auto result = channel().echoes.try_pop();
  ASSERT_TRUE(result.has_value());
  EXPECT_EQ(result->ticket, probe::EchoTicket(7));
  EXPECT_EQ(result->kind, OutcomeKind::kReply);
}

TEST_F(ProbeCycleTest, TakesABoundedNumberOfRequestsInOneCycle) {
  for (std::uint64_t i = 0; i < 1000; ++i) ASSERT_TRUE(channel().requests.try_push(echo(i)));
  EXPECT_TRUE(cycle().run().unfinished);
  EXPECT_EQ(io_.sent, 256U);
  for (int i = 0; i < 10 && io_.sent < 1000; ++i) static_cast<void>(cycle().run());
  EXPECT_EQ(io_.sent, 1000U);
}

TEST_F(ProbeCycleTest, OutcomesCostNothingWhileNobodyWantsThem) {
  channel().outcomes_wanted = false;
  const auto record = one_target();
  clock_.advance(milliseconds(500));
  static_cast<void>(cycle().run());
  clock_.advance(milliseconds(1));
  static_cast<void>(cycle().run());
  EXPECT_EQ(numbers_of(*record).outcome(OutcomeKind::kReply), 1U);
  EXPECT_FALSE(channel().outcomes.try_pop().has_value());
  channel().outcomes_wanted = true;
  clock_.advance(milliseconds(999));
  static_cast<void>(cycle().run());
  clock_.advance(milliseconds(1));
  EXPECT_TRUE(cycle().run().published);
  const auto reported = channel().outcomes.try_pop();
  ASSERT_TRUE(reported.has_value());
  EXPECT_EQ(reported->lost_before, 0U) << "what nobody wanted was not lost";
}

TEST_F(ProbeCycleTest, WhatFoundNoRoomIsSaidWithTheNextThatDoes) {
  capacities_.outcomes = 2;
  one_target();
  for (int second = 0; second < 5; ++second) {  // five replies, two of which find room
    clock_.advance(milliseconds(second == 0 ? 500 : 999));
    static_cast<void>(cycle().run());
    clock_.advance(milliseconds(1));
    static_cast<void>(cycle().run());
  }
  EXPECT_EQ(channel().events_lost, 3U);
  EXPECT_EQ(channel().outcomes.try_pop()->lost_before, 0U);
  EXPECT_EQ(channel().outcomes.try_pop()->lost_before, 0U);
  clock_.advance(milliseconds(999));
  static_cast<void>(cycle().run());
  clock_.advance(milliseconds(1));
  static_cast<void>(cycle().run());
  const auto next = channel().outcomes.try_pop();
  ASSERT_TRUE(next.has_value());
  EXPECT_EQ(next->lost_before, 3U);
}

}  // namespace
}  // namespace sounder::runtime
