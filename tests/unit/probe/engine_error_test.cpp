/// ICMP errors, and our own host's word about a neighbour.
#include "tests/unit/probe/engine_fixture.h"

namespace sounder::probe::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class EngineError : public EngineTest {};

TEST_F(EngineError, AnErrorThatQuotesEightBytesEndsTheProbe) {
  const auto record = add("192.0.2.1");
  send(1s);
  receive(Message::error_about(request(), kUnreachable, 13, "198.51.100.1"), 1s + 1ms);
  ASSERT_THAT(actions().outcomes, ElementsAre(IsOutcome(OutcomeKind::kIcmpError)));
  const IcmpErrorInfo expected{base::Family::kIpv4, kUnreachable, 13, address("198.51.100.1")};
  EXPECT_EQ(actions().outcomes[0].icmp_error, expected);
  const TargetNumbers numbers = read(record);
  EXPECT_EQ(numbers.outcome(OutcomeKind::kIcmpError), 1U);
  EXPECT_EQ(numbers.icmp_errors[0].type, kUnreachable);
  EXPECT_EQ(numbers.icmp_errors[0].code, 13);
  EXPECT_EQ(numbers.icmp_errors[0].count, 1U);
  EXPECT_EQ(numbers.reason, Reason::kAdminProhibited);
  EXPECT_EQ(numbers.reporter, address("198.51.100.1"));
  EXPECT_EQ(numbers.state, TargetState::kUnknown);  // one loss is not three
}

TEST_F(EngineError, AnIcmpV6ErrorEndsTheProbe) {
  const auto record = add("2001:db8::7");
  send(1s);
  receive(Message::error_about(request(), 1, 0, "2001:db8:1::1", 56), 1s + 1ms);
  EXPECT_THAT(actions().outcomes, ElementsAre(IsOutcome(OutcomeKind::kIcmpError)));
  EXPECT_EQ(read(record).reason, Reason::kNetUnreachable);
  EXPECT_EQ(read(record).reporter, address("2001:db8:1::1"));
}

TEST_F(EngineError, AQuoteThatReachesTheTagMustHaveItRight) {
  const auto record = add("192.0.2.1");
  send(1s);
  const wire::TxRequest sent = request();
  // Behind the error's header come the quoted IPv4 header and the quoted ICMP message.
  Message forged = Message::error_about(sent, kUnreachable, kHost, "198.51.100.1", 56);
  receive(forged.damage(8 + 20 + kTagOffset), 1s + 1ms);
  EXPECT_THAT(actions().outcomes, IsEmpty());
  EXPECT_EQ(numbers().unmatched_packets, 1U);
  receive(Message::error_about(sent, kUnreachable, kHost, "198.51.100.1", 56), 1s + 1ms);
  EXPECT_THAT(actions().outcomes, ElementsAre(IsOutcome(OutcomeKind::kIcmpError)));
}

TEST_F(EngineError, AnErrorAboutNoProbeInFlightCountsForNothing) {
  const auto record = add("192.0.2.1");
  send(1s);
  const wire::TxRequest sent = request();
  wire::TxRequest other = sent;
  other.sequence = wire::WireSequence(static_cast<std::uint16_t>(sent.sequence.value() + 1));
  receive(Message::error_about(other, kUnreachable, kHost, "198.51.100.1"), 1s + 1ms);
  other = sent;
  other.destination = address("192.0.2.2");
  receive(Message::error_about(other, kUnreachable, kHost, "198.51.100.1"), 1s + 1ms);
  other = sent;
  other.identifier = wire::Identifier(9);
  receive(Message::error_about(other, kUnreachable, kHost, "198.51.100.1"), 1s + 1ms);
  EXPECT_EQ(numbers().unmatched_packets, 3U);
  EXPECT_EQ(read(record).in_flight, 1U);

  receive(Message::reply_to(sent).stamped(1s + 2us), 1s + 1ms);
  receive(Message::error_about(sent, kUnreachable, kHost, "198.51.100.1"), 1s + 2ms);
  EXPECT_THAT(actions().outcomes, IsEmpty());
  EXPECT_EQ(read(record).outcome(OutcomeKind::kIcmpError), 0U);
}

TEST_F(EngineError, AnErrorThatCameAfterTheTimeoutIsATimeout) {
  const auto record = add("192.0.2.1");
  send(0s);
  receive(Message::error_about(request(), kUnreachable, kHost, "198.51.100.1").stamped(2100ms), 3s, 1ms);
  EXPECT_THAT(actions().outcomes, ElementsAre(IsOutcome(OutcomeKind::kTimeout)));
}

TEST_F(EngineError, MoreKindsThanThereIsRoomForAreCountedTogether) {
  const auto record = add("192.0.2.1");
  for (std::uint8_t code = 0; code < 6; ++code) {
    send(code * 1s);
    receive(Message::error_about(request(), kUnreachable, code, "198.51.100.1"), code * 1s + 1ms);
  }
  const TargetNumbers numbers = read(record);
  EXPECT_EQ(numbers.icmp_errors[2].code, 2);
  EXPECT_EQ(numbers.icmp_errors[3].type, 255);
  EXPECT_EQ(numbers.icmp_errors[3].count, 3U);
  EXPECT_EQ(numbers.outcome(OutcomeKind::kIcmpError), 6U);
}

TEST_F(EngineError, OurOwnHostsWordIsTheTargetsSilence) {
  const auto record = add("192.0.2.1");
  send(0s);
  receive(Message::error_about(request(), kUnreachable, kHost, "192.0.2.200").to("192.0.2.200"), 1900ms);
  EXPECT_THAT(actions().outcomes, ElementsAre(IsOutcome(OutcomeKind::kTimeout)));
  EXPECT_EQ(read(record).reason, Reason::kNoNeighbour);
  EXPECT_EQ(read(record).outcome(OutcomeKind::kIcmpError), 0U);
  EXPECT_FALSE(read(record).reporter.has_value());
}

TEST_F(EngineError, OurOwnHostsWordAfterTheOutcomeSetsTheReasonAndNothingElse) {
  const auto record = add("192.0.2.1");
  for (int i = 0; i <= 4; ++i) {
    send(i * 1s);
    if (i != 0) continue;
  }
  EXPECT_EQ(read(record).reason, Reason::kTimeout);
  EXPECT_EQ(read(record).state, TargetState::kDown);
  send(5s);
  const wire::TxRequest sent = request();
  deadline(7s);
  accept(7s);
  const TargetNumbers before = read(record);
  receive(Message::error_about(sent, kUnreachable, kHost, "192.0.2.200").to("192.0.2.200"), 8s + 50ms);
  EXPECT_THAT(actions().outcomes, IsEmpty());
  EXPECT_EQ(read(record).reason, Reason::kNoNeighbour);
  EXPECT_EQ(read(record).outcomes, before.outcomes);
  // Silence says less, so the reason stays.
  send(10s);
  EXPECT_EQ(read(record).reason, Reason::kNoNeighbour);
}

TEST_F(EngineError, OurOwnHostsWordDoesNotTouchATargetThatIsUp) {
  const auto record = add("192.0.2.1");
  send(0s);
  const wire::TxRequest sent = request();
  receive(Message::reply_to(sent).stamped(1ms), 2ms);
  receive(Message::error_about(sent, kUnreachable, kHost, "192.0.2.200").to("192.0.2.200"), 3s);
  EXPECT_EQ(read(record).reason, Reason::kNone);
  EXPECT_EQ(read(record).state, TargetState::kUp);
}

}  // namespace
}  // namespace sounder::probe::testing
