/// The plain path: due, sent, replied or not.
#include "tests/unit/probe/engine_fixture.h"

namespace sounder::probe::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class EnginePlain : public EngineTest {};

TEST_F(EnginePlain, WithoutTargetsThereIsNothingToDo) {
  EXPECT_EQ(engine().next_deadline(), base::MonoTime::max());
  EXPECT_THAT(deadline(5s).sends, IsEmpty());
}

TEST_F(EnginePlain, SendsWhenDueAndNotBefore) {
  add("192.0.2.7", options(), 100ms);
  EXPECT_EQ(engine().next_deadline(), at(1s));
  EXPECT_THAT(deadline(1s - 1ns).sends, IsEmpty());
  EXPECT_THAT(deadline(1s).sends, ElementsAre(GoesTo("192.0.2.7")));
  EXPECT_EQ(engine().next_deadline(), at(2s));
}

TEST_F(EnginePlain, ARequestCarriesTheTargetsOptions) {
  ProbeOptions wanted;
  wanted.size = 1000;
  add("2001:db8::7", wanted);
  deadline(0s);
  EXPECT_EQ(request().identifier, wire::Identifier(kIdentifierV6));
  EXPECT_EQ(request().data_size, 1000);
  EXPECT_EQ(request().tag.probe, request().probe);
  EXPECT_EQ(static_cast<std::uint16_t>(request().tag.sequence), request().sequence.value());
  ASSERT_NE(request().options, nullptr);
}

TEST_F(EnginePlain, AReplyIsTheDifferenceOfTheKernelsStamps) {
  const auto record = add("192.0.2.7");
  send(1s);
  EXPECT_EQ(read(record).in_flight, 1U);
  const Message reply = Message::reply_to(request()).stamped(1s + 501us).ttl(63);
  EXPECT_THAT(receive(reply, 1s + 600us).outcomes, ElementsAre(IsReply(500us)));
  EXPECT_EQ(actions().outcomes[0].rtt.rx, StampSource::kKernel);
  EXPECT_EQ(actions().outcomes[0].due, at(1s));
  EXPECT_EQ(actions().outcomes[0].ttl, 63);
  EXPECT_EQ(actions().outcomes[0].data_size, 56);

  const TargetNumbers numbers = read(record);
  EXPECT_EQ(numbers.outcome(OutcomeKind::kReply), 1U);
  EXPECT_EQ(numbers.in_flight, 0U);
  EXPECT_EQ(numbers.rtt_last, 500us);
  EXPECT_EQ(numbers.reply_ttl, 63);
  EXPECT_EQ(numbers.state, TargetState::kUp);
  EXPECT_EQ(engine().in_flight(), 0U);
}

TEST_F(EnginePlain, SilenceIsATimeoutAtItsTime) {
  const auto record = add("192.0.2.7");
  send(0s);
  send(1s);
  EXPECT_EQ(engine().next_deadline(), at(2s));
  EXPECT_THAT(deadline(2s - 1ns).outcomes, IsEmpty());
  EXPECT_THAT(send(2s).outcomes, ElementsAre(IsOutcome(OutcomeKind::kTimeout)));
  EXPECT_EQ(actions().outcomes[0].due, at(0s));
  EXPECT_EQ(read(record).outcome(OutcomeKind::kTimeout), 1U);
  EXPECT_EQ(read(record).due, 3U);
}

TEST_F(EnginePlain, ARefusalAfterTheSendWasAcceptedIsTheSameOutcome) {
  const auto record = add("192.0.2.7");
  send(0s);
  const wire::TxRequest sent = request();
  EXPECT_THAT(refuse(sent, wire::SendFailure::kNoBuffer, 1ms).outcomes,
              ElementsAre(IsFailure(wire::SendFailure::kNoBuffer)));
  EXPECT_THAT(refuse(sent, wire::SendFailure::kNoBuffer, 2ms).outcomes, IsEmpty()) << "once";
  EXPECT_EQ(read(record).outcome(OutcomeKind::kSendFailed), 1U);
  EXPECT_EQ(engine().next_deadline(), at(1s)) << "and no timeout";
}

TEST_F(EnginePlain, ARefusedSendIsAnOutcomeWithItsReason) {
  const auto record = add("192.0.2.7");
  deadline(0s);
  EXPECT_THAT(refuse(request(), wire::SendFailure::kNoRoute, 0s).outcomes,
              ElementsAre(IsFailure(wire::SendFailure::kNoRoute)));
  EXPECT_EQ(read(record).outcome(OutcomeKind::kSendFailed), 1U);
  EXPECT_EQ(numbers().send_errors[static_cast<std::size_t>(wire::SendFailure::kNoRoute)], 1U);
  EXPECT_EQ(engine().next_deadline(), at(1s));
}

TEST_F(EnginePlain, EachTargetHasItsOwnSequenceAndReply) {
  const auto first = add("192.0.2.1");
  const auto second = add("192.0.2.2", options(), 0s, 1);
  send(1s);
  ASSERT_EQ(actions().sends.size(), 2U);
  const wire::TxRequest to_first = actions().sends[0];
  const wire::TxRequest to_second = actions().sends[1];
  EXPECT_THAT(to_first, GoesTo("192.0.2.1"));
  EXPECT_NE(to_first.sequence, to_second.sequence);
  receive(Message::reply_to(to_second).stamped(1s + 5ms), 1s + 6ms);
  EXPECT_EQ(read(first).outcome(OutcomeKind::kReply), 0U);
  EXPECT_EQ(read(second).outcome(OutcomeKind::kReply), 1U);
}

}  // namespace
}  // namespace sounder::probe::testing
