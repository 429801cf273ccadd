/// What a target's numbers say: up and down, overflow, reordering, changes of the target set.
#include "tests/unit/probe/engine_fixture.h"

namespace sounder::probe::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class EngineState : public EngineTest {
 protected:
  void reply(const wire::TxRequest& sent, base::Duration rx) {
    receive(Message::reply_to(sent).stamped(rx), rx + 10us);
  }
};

class EngineOverflow : public EngineState {};
class EngineDelta : public EngineState {};

TEST_F(EngineState, GoesDownAfterSoManyLossesAndUpAfterSoManyReplies) {
  ProbeOptions options;
  options.timeout = 500ms;
  options.down_after = 2;
  options.up_after = 2;
  const auto record = add("192.0.2.1", options);
  send(0s);
  reply(request(), 1ms);
  EXPECT_EQ(read(record).state, TargetState::kUnknown);
  send(1s);
  reply(request(), 1001ms);
  EXPECT_THAT(actions().changes, ElementsAre(StateChange{slot_of(*record), TargetState::kUp, Reason::kNone, {}}));
  EXPECT_EQ(read(record).last_change, wall(1001ms + 10us));

  send(2s);
  EXPECT_THAT(deadline(2500ms).changes, IsEmpty());
  EXPECT_EQ(read(record).consecutive_losses, 1U);
  EXPECT_EQ(read(record).reason, Reason::kNone);  // it is up still
  send(3s);
  EXPECT_THAT(deadline(3500ms).changes,
              ElementsAre(StateChange{slot_of(*record), TargetState::kDown, Reason::kTimeout, {}}));
  EXPECT_EQ(read(record).consecutive_losses, 2U);
  EXPECT_EQ(read(record).last_change, wall(3500ms));
}

TEST_F(EngineState, TheReasonIsWhatWasSaidNotTheSilenceInBetween) {
  const auto record = add("192.0.2.1");
  send(0s);
  receive(Message::error_about(request(), kUnreachable, kHost, "198.51.100.1"), 1ms);
  for (int i = 1; i <= 4; ++i) send(i * 1s);  // a router limits the rate of its errors
  const TargetNumbers numbers = read(record);
  EXPECT_EQ(numbers.state, TargetState::kDown);
  EXPECT_EQ(numbers.reason, Reason::kHostUnreachable);
  EXPECT_EQ(numbers.reporter, address("198.51.100.1"));
}

TEST_F(EngineState, ALossThatALaterReplyOvertookDoesNotCountInTheRow) {
  ProbeOptions options;
  options.down_after = 1;
  const auto record = add("192.0.2.1", options);
  send(0s);
  send(1s);
  reply(request(), 1001ms);
  EXPECT_THAT(deadline(2s).outcomes, ElementsAre(IsOutcome(OutcomeKind::kTimeout)));
  EXPECT_EQ(read(record).state, TargetState::kUp);
  EXPECT_EQ(read(record).consecutive_losses, 0U);
}

TEST_F(EngineState, AReplyThatIsOvertakenIsReordered) {
  const auto record = add("192.0.2.1");
  send(0s);
  const wire::TxRequest first = request();
  send(1s);
  reply(request(), 1100ms);
  EXPECT_EQ(read(record).reordered, 0U);
  reply(first, 1200ms);
  EXPECT_EQ(read(record).reordered, 1U);
  EXPECT_EQ(read(record).outcome(OutcomeKind::kReply), 2U);
}

TEST_F(EngineState, SmoothedAndJitterFollowTheirRfcs) {
  const auto record = add("192.0.2.1");
  send(0s);
  reply(request(), 1us + 80ms);
  EXPECT_EQ(read(record).rtt_smoothed, 80ms);
  EXPECT_FALSE(read(record).rtt_jitter.has_value());
  send(1s);
  reply(request(), 1s + 1us + 160ms);
  EXPECT_EQ(read(record).rtt_smoothed, 90ms);  // 7/8 × 80 + 1/8 × 160
  EXPECT_EQ(read(record).rtt_jitter, 5ms);     // |160 − 80| / 16
  EXPECT_EQ(read(record).rtt_last, 160ms);
  EXPECT_DOUBLE_EQ(read(record).rtt_sum_seconds, 0.24);
}

TEST_F(EngineState, ABoundBelongsToItsBucket) {
  const auto record = add("192.0.2.1");
  send(0s);
  reply(request(), 1us + 50us);
  send(1s);
  reply(request(), 1s + 1us + 50001ns);
  EXPECT_EQ(read(record).buckets[0], 1U);
  EXPECT_EQ(read(record).buckets[1], 1U);
  EXPECT_EQ(read(record).bucket_count, 21U);
}

TEST_F(EngineOverflow, ExcusesAtMostAsManyTimeoutsAsPacketsWereLostOldestFirst) {
  std::vector<std::shared_ptr<TargetRecord>> records;
  for (int i = 0; i < 5; ++i) {
    records.push_back(add("192.0.2." + std::to_string(i + 1), options(), 0s, static_cast<std::uint64_t>(i) * 1000));
  }
  send(500ms);
  engine().on_overflow(3, at(600ms));
  deadline(2500ms);
  ASSERT_THAT(actions().outcomes, SizeIs(::testing::Ge(5U)));
  int excused = 0;
  for (int i = 0; i < 5; ++i) {
    const bool dropped = read(records[static_cast<std::size_t>(i)]).outcome(OutcomeKind::kLocalDrop) == 1;
    EXPECT_EQ(dropped, i < 3) << i;
    excused += dropped ? 1 : 0;
  }
  EXPECT_EQ(excused, 3);
  EXPECT_EQ(numbers().receive_queue_overflows, 3U);
}

TEST_F(EngineOverflow, ExcusesNoProbeThatLeftAfterwards) {
  const auto record = add("192.0.2.1");
  send(0s);
  reply(request(), 1ms);
  engine().on_overflow(10, at(500ms));
  send(1s);
  deadline(3s);
  EXPECT_EQ(read(record).outcome(OutcomeKind::kLocalDrop), 0U);
  EXPECT_EQ(read(record).outcome(OutcomeKind::kTimeout), 1U);
}

TEST_F(EngineOverflow, AReplyThatCameAllTheSameUsesNoExcuseUp) {
  const auto record = add("192.0.2.1");
  send(0s);
  const wire::TxRequest first = request();
  send(1s);
  engine().on_overflow(1, at(1500ms));
  reply(first, 1600ms);
  deadline(3s);
  EXPECT_EQ(read(record).outcome(OutcomeKind::kLocalDrop), 1U);
  EXPECT_EQ(read(record).outcome(OutcomeKind::kReply), 1U);
}

TEST_F(EngineDelta, AnUpdateKeepsNumbersPhaseAndProbesInFlight) {
  const auto record = add("192.0.2.1", options(), 0s, 250'000'000);
  send(250ms);
  const wire::TxRequest before = request();
  ProbeOptions changed;
  changed.size = 100;
  changed.timeout = 60s;
  EXPECT_EQ(update(record, "192.0.2.1", changed, 300ms, 250'000'000), record);
  EXPECT_EQ(engine().next_deadline(), at(1250ms));
  EXPECT_EQ(read(record).in_flight, 1U);
  send(1250ms);
  EXPECT_EQ(request().data_size, 100);
  deadline(2250ms);  // the old probe keeps the timeout that it was sent with
  EXPECT_EQ(read(record).outcome(OutcomeKind::kTimeout), 1U);
  EXPECT_EQ(before.sequence.value() + 1, wire::to_wire(wire::Sequence(before.sequence.value() + 1U)).value());
}

TEST_F(EngineDelta, AReplyToAProbeFromBeforeTheUpdateCounts) {
  const auto record = add("192.0.2.1");
  send(0s);
  const wire::TxRequest sent = request();
  ProbeOptions changed;
  changed.timeout = 10s;
  changed.interval = 100ms;
  update(record, "192.0.2.1", changed, 10ms);
  receive(Message::error_about(sent, kUnreachable, kHost, "198.51.100.1"), 20ms);  // by the window
  EXPECT_THAT(actions().outcomes, ElementsAre(IsOutcome(OutcomeKind::kIcmpError)));
  EXPECT_EQ(engine().next_deadline(), at(100ms));
}

TEST_F(EngineDelta, OtherBucketsMakeANewRecordThatTakesOverTheRest) {
  const auto record = add("192.0.2.1");
  send(0s);
  reply(request(), 1us + 3ms);
  send(1s);
  const wire::TxRequest in_flight = request();
  ProbeOptions changed;
  changed.buckets = {1ms, 10ms};
  const auto replacement = update(record, "192.0.2.1", changed, 1001ms);
  ASSERT_NE(replacement, record);
  reply(in_flight, 1s + 1us + 5ms);
  const TargetNumbers numbers = read(replacement);
  EXPECT_EQ(numbers.due, 2U);
  EXPECT_EQ(numbers.outcome(OutcomeKind::kReply), 2U);
  EXPECT_EQ(numbers.state, TargetState::kUp);
  EXPECT_EQ(numbers.bucket_count, 3U);
  EXPECT_EQ(numbers.buckets[1], 1U);
  EXPECT_DOUBLE_EQ(numbers.rtt_sum_seconds, 0.005);
  EXPECT_EQ(read(record).due, 2U);  // as it was left
  EXPECT_EQ(read(record).in_flight, 1U);
}

TEST_F(EngineDelta, RepliesToARemovedTargetAreUnmatchedAndItsSlotIsCleanForTheNext) {
  const auto record = add("192.0.2.1");
  send(0s);
  const wire::TxRequest orphan = request();
  remove(record, 100ms);
  EXPECT_EQ(engine().targets(), 0U);
  EXPECT_EQ(engine().in_flight(), 0U);
  EXPECT_EQ(engine().next_deadline(), base::MonoTime::max());
  const auto next = add("192.0.2.9", options(), 200ms);
  EXPECT_EQ(slot_of(*next), slot_of(*record));
  receive(Message::reply_to(orphan), 300ms);
  receive(Message::error_about(orphan, kUnreachable, kHost, "198.51.100.1"), 300ms);
  EXPECT_EQ(numbers().unmatched_packets, 2U);
  EXPECT_THAT(deadline(3s).outcomes, ElementsAre(IsOutcome(OutcomeKind::kSlipped)));
  EXPECT_EQ(read(next).outcome(OutcomeKind::kReply), 0U);
}

TEST_F(EngineDelta, ARemovedTargetsWaitingReplyIsForgotten) {
  const auto record = add("192.0.2.1");
  deadline(0s);
  accept(0s);
  receive(Message::reply_to(request()).stamped(1ms), 2ms);
  remove(record, 3ms);
  EXPECT_THAT(deadline(4ms).outcomes, IsEmpty());
}

TEST_F(EngineDelta, AtMostABatchOfChangesIsAppliedAtOnce) {
  TargetDelta delta;
  std::vector<std::shared_ptr<TargetRecord>> records;
  for (std::size_t i = 0; i < base::kDeltaBatch + 1; ++i) {
    auto made = plan("10.0." + std::to_string(i / 250) + "." + std::to_string(i % 250 + 1), options());
    records.push_back(make_target_record(*made));
    delta.changes.push_back({TargetChange::Kind::kAdd, records.back(), std::move(made), nullptr, {}});
  }
  engine().prepare(delta);
  engine().apply(delta, at(0s), actions());
  EXPECT_FALSE(delta.done());
  EXPECT_EQ(engine().targets(), base::kDeltaBatch);
  engine().apply(delta, at(0s), actions());
  EXPECT_TRUE(delta.done());
}

}  // namespace
}  // namespace sounder::probe::testing
