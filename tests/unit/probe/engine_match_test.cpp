/// Whose reply it is: strays, forgeries, payloads without a tag, several targets of one address.
#include "tests/unit/probe/engine_fixture.h"

namespace sounder::probe::testing {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class EngineMatch : public EngineTest {
 protected:
  void expect_stray(const Message& message, StrayKind kind) {
    receive(message, 1s + 500us);
    EXPECT_THAT(actions().strays, ElementsAre(IsStray(kind)));
    EXPECT_THAT(actions().outcomes, IsEmpty());
  }
};

ProbeOptions sized(std::uint16_t size) {
  ProbeOptions options;
  options.size = size;
  return options;
}

TEST_F(EngineMatch, ASecondReplyIsADuplicate) {
  const auto record = add("192.0.2.1");
  send(1s);
  const Message reply = Message::reply_to(request()).stamped(1s + 100us);
  receive(reply, 1s + 200us);
  expect_stray(reply, StrayKind::kDuplicate);
  EXPECT_EQ(read(record).outcome(OutcomeKind::kReply), 1U);
}

TEST_F(EngineMatch, AnUpdateOfTheSizeLeavesTheProbesInFlightTheirs) {
  for (const auto& [before, after] : {std::pair<std::uint16_t, std::uint16_t>{56, 8}, {8, 56}, {1400, 56}}) {
    start();
    const auto record = add("192.0.2.1", sized(before));
    send(1s);
    const Message reply = Message::reply_to(request()).stamped(1s + 100us);
    update(record, "192.0.2.1", sized(after), 1s + 150us);
    receive(reply, 1s + 200us);
    EXPECT_THAT(actions().outcomes, ElementsAre(IsOutcome(OutcomeKind::kReply))) << before << " to " << after;
    EXPECT_THAT(actions().strays, IsEmpty());
  }
}

TEST_F(EngineMatch, AnUpdateToASizeWithoutTagLetsNoForgedQuoteIn) {
  const auto record = add("192.0.2.1", sized(56));
  send(1s);
  // Behind the headers of error, IP and request, the request's data.
  const Message forged = Message::error_about(request(), 3, 1, "192.0.2.254", 24).damage(8 + 20 + kTagOffset);
  const Message whole = Message::error_about(request(), 3, 1, "192.0.2.254", 24);
  update(record, "192.0.2.1", sized(8), 1s + 150us);
  EXPECT_THAT(receive(forged, 1s + 200us).outcomes, IsEmpty());
  EXPECT_THAT(receive(whole, 1s + 200us).outcomes, ElementsAre(IsOutcome(OutcomeKind::kIcmpError)));
}

TEST_F(EngineMatch, AReplyAfterTheTimeoutIsLate) {
  const auto record = add("192.0.2.1");
  send(0s);
  const Message reply = Message::reply_to(request()).stamped(2500ms);
  deadline(2s);
  receive(reply, 2501ms, 2500ms);
  EXPECT_THAT(actions().strays, ElementsAre(IsStray(StrayKind::kLate)));
  EXPECT_THAT(actions().outcomes, IsEmpty());
  EXPECT_EQ(read(record).outcome(OutcomeKind::kReply), 0U);
}

TEST_F(EngineMatch, AReplyAfterAnIcmpErrorIsLate) {
  add("192.0.2.1");
  send(1s);
  const wire::TxRequest sent = request();
  receive(Message::error_about(sent, 3, 1, "192.0.2.254"), 1s + 100us);
  expect_stray(Message::reply_to(sent).stamped(1s + 200us), StrayKind::kLate);
}

TEST_F(EngineMatch, AReplyLongAfterItsSlotWasReusedIsStillLateAndNobodyElses) {
  ProbeOptions fast;
  fast.interval = 10ms;
  fast.timeout = 10ms;
  const auto record = add("192.0.2.1", fast);
  send(0s);
  const Message old = Message::reply_to(request()).stamped(100s);
  // More probes than slots: 4,096 of a chunk.
  for (int i = 1; i <= 5000; ++i) send(i * 10ms);
  receive(old, 60s, 60s - 1ms);
  EXPECT_THAT(actions().strays, ElementsAre(AllOf(IsStray(StrayKind::kLate))));
  EXPECT_THAT(actions().outcomes, IsEmpty());
  EXPECT_EQ(read(record).outcome(OutcomeKind::kReply), 0U);
}

TEST_F(EngineMatch, AReplyFromAnotherAddressIsForeign) {
  const auto record = add("192.0.2.1");
  send(1s);
  expect_stray(Message::reply_to(request()).from("192.0.2.99"), StrayKind::kForeign);
  EXPECT_EQ(actions().strays[0].source, address("192.0.2.99"));
  EXPECT_EQ(read(record).in_flight, 1U);
}

TEST_F(EngineMatch, AReplyFromAnotherAddressCountsWhereItIsAccepted) {
  ProbeOptions accepting;
  accepting.accept_foreign = true;
  const auto record = add("192.0.2.1", accepting);
  send(1s);
  receive(Message::reply_to(request()).from("192.0.2.99").stamped(1s + 101us), 1s + 200us);
  EXPECT_THAT(actions().outcomes, ElementsAre(IsReply(100us)));
}

TEST_F(EngineMatch, AWrongTagIsCorruptAndNeverSuccess) {
  const auto record = add("192.0.2.1");
  send(1s);
  expect_stray(Message::reply_to(request()).damage(kTagOffset), StrayKind::kCorrupt);
  EXPECT_EQ(read(record).stray(StrayKind::kCorrupt), 1U);
  EXPECT_EQ(read(record).state, TargetState::kUnknown);
  EXPECT_EQ(read(record).in_flight, 1U);
}

TEST_F(EngineMatch, ASecondProcessThatAnswersWithOurNumbersMakesNothingUp) {
  const auto record = add("192.0.2.1");
  for (int i = 0; i < 10; ++i) {
    send(i * 1s);
    Message forged = Message::reply_to(request());
    for (std::size_t offset = kDataOffset; offset < kDataOffset + 56; ++offset) forged.damage(offset, 77);
    receive(forged, i * 1s + 1ms);
    EXPECT_THAT(actions().strays, ElementsAre(IsStray(StrayKind::kCorrupt)));
  }
  EXPECT_EQ(read(record).stray(StrayKind::kCorrupt), 10U);
  EXPECT_EQ(read(record).outcome(OutcomeKind::kReply), 0U);
  EXPECT_EQ(read(record).state, TargetState::kDown);
}

TEST_F(EngineMatch, ARightTagWithAnythingElseWrongIsCorrupt) {
  add("192.0.2.1");
  send(1s);
  const wire::TxRequest sent = request();
  expect_stray(Message::reply_to(sent).identifier(1), StrayKind::kCorrupt);
  expect_stray(Message::reply_to(sent).sequence(static_cast<std::uint16_t>(sent.sequence.value() + 1)),
               StrayKind::kCorrupt);
  expect_stray(Message::reply_to(sent).damage(kDataOffset + 55), StrayKind::kCorrupt);
  receive(Message::reply_to(sent).stamped(1s + 2us), 1s + 1ms);
  EXPECT_THAT(actions().outcomes, ElementsAre(IsReply(1us)));
}

TEST_F(EngineMatch, AReplyThatIsOnlyShorterIsAReply) {
  add("192.0.2.1", sized(1000));
  send(1s);
  receive(Message::reply_to(request()).cut_data(64).stamped(1s + 2us), 1s + 1ms);
  EXPECT_THAT(actions().outcomes, ElementsAre(IsReply(1us)));
  EXPECT_EQ(actions().outcomes[0].data_size, 64);
}

TEST_F(EngineMatch, OtherProgramsEchoesAreUnmatched) {
  add("192.0.2.1");
  send(1s);
  receive(Message::reply_to(request()).identifier(7).damage(kTagOffset), 1s + 1ms);
  EXPECT_THAT(actions().strays, IsEmpty());
  EXPECT_EQ(numbers().unmatched_packets, 1U);
}

TEST_F(EngineMatch, OurIdentifierFromAnAddressThatIsNoTargetIsUnmatched) {
  add("192.0.2.1");
  send(1s);
  receive(Message::reply_to(request()).from("198.51.100.1").damage(kTagOffset), 1s + 1ms);
  EXPECT_THAT(actions().strays, IsEmpty());
  EXPECT_EQ(numbers().unmatched_packets, 1U);
}

TEST_F(EngineMatch, PayloadsTooShortForATagAreMatchedByAddressIdentifierAndSequence) {
  const auto record = add("192.0.2.1", sized(0));
  send(1s);
  const wire::TxRequest sent = request();
  receive(Message::reply_to(sent).from("192.0.2.9"), 1s + 1ms);
  EXPECT_EQ(numbers().unmatched_packets, 1U);
  expect_stray(Message::reply_to(sent).sequence(static_cast<std::uint16_t>(sent.sequence.value() + 1)),
               StrayKind::kCorrupt);
  receive(Message::reply_to(sent).stamped(1s + 2us), 1s + 1ms);
  EXPECT_THAT(actions().outcomes, ElementsAre(IsReply(1us)));
  expect_stray(Message::reply_to(sent), StrayKind::kDuplicate);
  EXPECT_EQ(read(record).outcome(OutcomeKind::kReply), 1U);
}

TEST_F(EngineMatch, DamagedDataWithoutATagIsCorrupt) {
  add("192.0.2.1", sized(15));
  send(1s);
  expect_stray(Message::reply_to(request()).damage(kDataOffset + 3), StrayKind::kCorrupt);
}

TEST_F(EngineMatch, TargetsOfOneAddressGetEachItsOwnReply) {
  for (const std::uint16_t size : {std::uint16_t{56}, std::uint16_t{8}}) {
    start();
    const auto first = add("192.0.2.1", sized(size), 0s, 0);
    const auto second = add("192.0.2.1", sized(size), 0s, 500'000'000);
    send(1s);
    ASSERT_EQ(actions().sends.size(), 2U);  // at 0 s and 0.5 s are in the past: each slipped once or not at all
    const wire::TxRequest of_second =
        actions().sends[1].options == actions().sends[0].options ? actions().sends[0] : actions().sends[1];
    const std::uint64_t before_first = read(first).outcome(OutcomeKind::kReply);
    receive(Message::reply_to(of_second).stamped(1s + 2us), 1s + 1ms);
    ASSERT_EQ(actions().outcomes.size(), 1U);
    const auto& credited = actions().outcomes[0].target == slot_of(*second) ? second : first;
    EXPECT_EQ(actions().outcomes[0].sequence.value() & 0xffffU, of_second.sequence.value());
    EXPECT_EQ(read(credited).outcome(OutcomeKind::kReply), 1U);
    EXPECT_EQ(read(credited == second ? first : second).outcome(OutcomeKind::kReply), before_first);
  }
}

TEST_F(EngineMatch, LinkLocalTargetsOfTwoInterfacesAreTwo) {
  const auto first = add("fe80::1%2");
  const auto second = add("fe80::1%3");
  send(1s);
  ASSERT_EQ(actions().sends.size(), 2U);
  const wire::TxRequest to_second =
      actions().sends[0].destination == address("fe80::1%3") ? actions().sends[0] : actions().sends[1];
  expect_stray(Message::reply_to(to_second).from("fe80::1%2"), StrayKind::kForeign);
  receive(Message::reply_to(to_second).stamped(1s + 2us), 1s + 1ms);
  EXPECT_EQ(read(first).outcome(OutcomeKind::kReply), 0U);
  EXPECT_EQ(read(second).outcome(OutcomeKind::kReply), 1U);
}

TEST_F(EngineMatch, GarbageIsCountedByItsFault) {
  add("192.0.2.1");
  send(1s);
  receive(Message::reply_to(request()).cut_data(0).damage(0, 200), 1s + 1ms);
  wire::RxPacket stub;
  const std::byte byte{0};
  stub.bytes = {&byte, 1};
  actions().clear();
  engine().on_received({&stub, 1}, {at(1s), wall(1s), at(1s)}, actions());
  EXPECT_EQ(numbers().parse_errors[static_cast<std::size_t>(wire::ParseFailure::kTooShort)], 1U);
  EXPECT_THAT(actions().strays, IsEmpty());
}

}  // namespace
}  // namespace sounder::probe::testing
