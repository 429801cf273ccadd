/// Round-trip times: stamps, brackets, and clocks that step.
#include "tests/unit/probe/engine_fixture.h"

namespace sounder::probe::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class EngineStamp : public EngineTest {
 protected:
  /// Requests and accepts at 1 s without a stamp.
  wire::TxRequest send_unstamped() {
    deadline(1s);
    accept(1s);
    return request();
  }
};

TEST_F(EngineStamp, AStampThatComesAfterTheReplyIsWaitedFor) {
  const auto record = add("192.0.2.1");
  const wire::TxRequest sent = send_unstamped();
  EXPECT_THAT(receive(Message::reply_to(sent).stamped(1s + 400us), 1s + 500us).outcomes, IsEmpty());
  EXPECT_EQ(read(record).in_flight, 1U);
  EXPECT_EQ(engine().next_deadline(), base::MonoTime::min());
  stamp(sent, 1s + 100us);
  EXPECT_THAT(actions().outcomes, ElementsAre(IsReply(300us)));
  EXPECT_EQ(actions().outcomes[0].rtt.tx, StampSource::kKernel);
  EXPECT_THAT(deadline(1s + 600us).outcomes, IsEmpty());
  EXPECT_EQ(engine().next_deadline(), at(2s));
}

TEST_F(EngineStamp, WithoutItsStampByTheEndOfTheCycleTheBracketIsTheRoundTrip) {
  add("192.0.2.1");
  const wire::TxRequest sent = send_unstamped();
  receive(Message::reply_to(sent).stamped(1s + 400us), 1s + 500us);
  EXPECT_THAT(deadline(1s + 600us).outcomes, ElementsAre(IsReply(500us)));
  EXPECT_EQ(actions().outcomes[0].rtt.tx, StampSource::kUser);
  EXPECT_EQ(actions().outcomes[0].rtt.rx, StampSource::kUser);
  EXPECT_EQ(numbers().rtt_stamps[1][1], 1U);
  stamp(sent, 1s + 100us);  // too late: no second outcome
  EXPECT_THAT(actions().outcomes, ElementsAre(IsReply(500us)));
}

TEST_F(EngineStamp, WaitingForAStampIsNoReordering) {
  const auto record = add("192.0.2.1");
  const wire::TxRequest first = send_unstamped();
  send(2s);
  const Message second = Message::reply_to(request()).stamped(2s + 500us);
  receive(Message::reply_to(first).stamped(2s + 400us), 2s + 600us);
  receive(second, 2s + 600us);  // its outcome is known at once
  EXPECT_THAT(deadline(2s + 700us).outcomes, ElementsAre(IsOutcome(OutcomeKind::kReply)));
  EXPECT_EQ(read(record).outcome(OutcomeKind::kReply), 2U);
  EXPECT_EQ(read(record).reordered, 0U);
}

TEST_F(EngineStamp, AReplyThatWaitsDoesNotExpireAndItsCopyIsADuplicate) {
  const auto record = add("192.0.2.1");
  const wire::TxRequest sent = send_unstamped();
  const Message reply = Message::reply_to(sent).stamped(2s + 999ms);
  receive(reply, 3s, 2s + 998ms);
  EXPECT_THAT(receive(reply, 3s, 2s + 998ms).strays, ElementsAre(IsStray(StrayKind::kDuplicate)));
  EXPECT_THAT(deadline(3s).outcomes, ::testing::Contains(IsReply(2s)));
  EXPECT_EQ(read(record).outcome(OutcomeKind::kTimeout), 0U);
}

TEST_F(EngineStamp, WhereTheKernelDoesNotStampNobodyWaits) {
  config_.tx_stamps = false;
  start();
  add("192.0.2.1");
  const wire::TxRequest sent = send_unstamped();
  EXPECT_THAT(receive(Message::reply_to(sent).stamped(1s + 400us), 1s + 500us).outcomes, ElementsAre(IsReply(500us)));
}

TEST_F(EngineStamp, AClockThatStepsBackGivesNoNegativeTime) {
  add("192.0.2.1");
  send(1s);
  receive(Message::reply_to(request()).stamped(1s - 1h), 1s + 500us);
  EXPECT_THAT(actions().outcomes, ElementsAre(IsReply(500us)));
  EXPECT_EQ(actions().outcomes[0].rtt.rx, StampSource::kUser);
}

TEST_F(EngineStamp, AClockThatStepsForwardGivesNoTimeBeyondTheBracket) {
  add("192.0.2.1");
  send(1s);
  receive(Message::reply_to(request()).stamped(1s + 50ms), 1s + 500us);
  EXPECT_THAT(actions().outcomes, ElementsAre(IsReply(500us)));
}

TEST_F(EngineStamp, AClockThatStepsBackWithinTheBracketIsNoticed) {
  add("192.0.2.1");
  send(1s);
  const Message message = Message::reply_to(request()).stamped(1s + 50ms);
  const wire::RxPacket reply = message.packet();
  actions().clear();
  // 100 ms under way, and the clock went back by 50 ms: the stamps' difference is possible, and wrong.
  engine().on_received({&reply, 1}, {at(1s + 101ms), wall(1s + 51ms), at(1s)}, actions());
  EXPECT_THAT(actions().outcomes, ElementsAre(IsReply(101ms)));
  EXPECT_EQ(actions().outcomes[0].rtt.tx, StampSource::kUser);
}

TEST_F(EngineStamp, AProbeSentAfterTheStepIsTimedByTheKernelAgain) {
  add("192.0.2.1");
  deadline(500ms);
  engine().on_deadline(at(600ms), wall(600ms) - 1h, at(600ms), actions());
  const auto stepped = [](base::Duration time) { return wall(time) - 1h; };
  actions().clear();
  engine().on_deadline(at(1s), stepped(1s), at(1s), actions());
  ASSERT_EQ(actions().sends.size(), 1U);
  accept(1s);
  const wire::TxRequest sent = request();
  const wire::TxResult tx{sent.probe, wire::TxResult::Kind::kStamp, wire::SendFailure::kNone, {}, stepped(1s + 1us)};
  engine().on_sent({&tx, 1}, stepped(1s + 1us), actions());
  const Message message = Message::reply_to(sent);
  wire::RxPacket reply = message.packet();
  reply.stamp = stepped(1s + 100us);
  actions().clear();
  engine().on_received({&reply, 1}, {at(1s + 200us), stepped(1s + 200us), at(1s)}, actions());
  EXPECT_THAT(actions().outcomes, ElementsAre(IsReply(99us)));
  EXPECT_EQ(actions().outcomes[0].rtt.tx, StampSource::kKernel);
}

TEST_F(EngineStamp, WithoutTheCheckOfTheBracketTheStepIsTheRoundTrip) {
  config_.bracket_check = false;
  start();
  add("192.0.2.1");
  send(1s);
  receive(Message::reply_to(request()).stamped(1s + 50ms + 1us), 1s + 500us);
  EXPECT_THAT(actions().outcomes, ElementsAre(IsReply(50ms)));
}

TEST_F(EngineStamp, AReplyIsInTimeIfItArrivedInTimeHoweverLateItIsRead) {
  add("192.0.2.1");
  send(0s);
  // Stopped for five seconds; the reply was in the queue all the while.
  receive(Message::reply_to(request()).stamped(10ms + 1us), 5s, 1ms);
  EXPECT_THAT(actions().outcomes, ElementsAre(IsReply(10ms)));
  EXPECT_THAT(actions().strays, IsEmpty());
}

TEST_F(EngineStamp, AReplyIsLateIfItArrivedLateThoughNothingHadExpired) {
  const auto record = add("192.0.2.1");
  send(0s);
  receive(Message::reply_to(request()).stamped(2s + 1ns), 5s, 1ms);
  EXPECT_THAT(actions().outcomes, ElementsAre(IsOutcome(OutcomeKind::kTimeout)));
  EXPECT_THAT(actions().strays, ElementsAre(IsStray(StrayKind::kLate)));
  EXPECT_EQ(read(record).outcome(OutcomeKind::kTimeout), 1U);
  EXPECT_EQ(read(record).stray(StrayKind::kLate), 1U);
}

TEST_F(EngineStamp, ASteppedClockMakesNoReplyLate) {
  add("192.0.2.1");
  send(0s);
  // The queue was empty at 9 ms and the packet was read at 10 ms: whatever its stamp says, it came in between.
  receive(Message::reply_to(request()).stamped(1h), 10ms, 9ms);
  EXPECT_THAT(actions().outcomes, ElementsAre(IsReply(10ms)));
}

TEST_F(EngineStamp, AReplyWithoutAnyStampIsNotLateBecauseWeReadLate) {
  add("192.0.2.1");
  send(0s);
  receive(Message::reply_to(request()), 5s, 1ms);
  EXPECT_THAT(actions().outcomes, ElementsAre(IsReply(5s)));
}

TEST_F(EngineStamp, AReplyThatIsFedBeforeItsSendResultCounts) {
  const auto record = add("192.0.2.1");
  deadline(1s);
  const wire::TxRequest sent = request();
  const Message reply = Message::reply_to(sent);
  receive(reply, 1s + 100us);
  EXPECT_THAT(actions().outcomes, ElementsAre(IsReply(100us)));
  const wire::TxResult accepted{sent.probe, wire::TxResult::Kind::kAccepted, wire::SendFailure::kNone, at(1s), {}};
  engine().on_sent({&accepted, 1}, wall(1s), actions());
  EXPECT_EQ(read(record).in_flight, 0U);
  EXPECT_EQ(engine().next_deadline(), at(2s));
}

}  // namespace
}  // namespace sounder::probe::testing
