/// Where probes in flight have their places, and what becomes of a due time that finds none.
#include "tests/unit/probe/engine_fixture.h"

namespace sounder::probe::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class EnginePlaces : public EngineTest {
 protected:
  static ProbeOptions every(base::Duration interval, base::Duration timeout) {
    ProbeOptions options;
    options.interval = interval;
    options.timeout = timeout;
    return options;
  }

  /// Sends the one probe that is due. Packets may be unread since 0 s, so that nothing expires.
  void send_undrained(base::Duration now) {
    deadline(now, 0s);
    ASSERT_THAT(actions().sends, SizeIs(1)) << now.count();
    sent_ = request();
    accept(now);
    stamp(sent_, now);
  }
  void send_and_answer(base::Duration now) {
    send_undrained(now);
    receive(Message::reply_to(sent_).stamped(now), now, 0s);
  }

  wire::TxRequest sent_;
};

TEST_F(EnginePlaces, AProbeForWhichThereIsNoMemoryFailsToBeSent) {
  const auto record = add("192.0.2.1", every(1s, 1s));
  // Nothing may expire, so that window after window fills up: 1 s / 1 s + 2, rounded up to four.
  for (int i = 0; i < 4; ++i) {
    deadline(i * 1s, 0s);
    accept(i * 1s);
  }
  EXPECT_THAT(deadline(4s, 0s).sends, IsEmpty());
  EXPECT_THAT(actions().outcomes, ElementsAre(IsFailure(wire::SendFailure::kNoBuffer)));
  EXPECT_EQ(read(record).due, 5U);
  EXPECT_EQ(read(record).in_flight, 4U);
  EXPECT_EQ(numbers().send_errors[static_cast<std::size_t>(wire::SendFailure::kNoBuffer)], 1U);
  EXPECT_THAT(deadline(5s, 5s).sends, SizeIs(1));
}

TEST_F(EnginePlaces, AProbeThatCanNotEndYetHoldsUpNoLaterOne) {
  const auto record = add("192.0.2.1", every(1s, 1s));
  send_undrained(0s);
  const wire::TxRequest lost = sent_;
  for (int i = 1; i < 4; ++i) send_and_answer(i * 1s);
  // The window of four has gone once around: the fifth number has the place of the first.
  EXPECT_THAT(deadline(4s, 0s).outcomes, IsEmpty());
  ASSERT_THAT(actions().sends, SizeIs(1));
  EXPECT_EQ(request().tag.sequence, lost.tag.sequence + 5);
  accept(4s);
  EXPECT_THAT(deadline(5s, 5s).outcomes,
              ElementsAre(IsOutcome(OutcomeKind::kTimeout), IsOutcome(OutcomeKind::kTimeout)));
  EXPECT_EQ(read(record).outcome(OutcomeKind::kReply), 3U);
  EXPECT_EQ(read(record).outcome(OutcomeKind::kSendFailed), 0U);
}

TEST_F(EnginePlaces, ASlipNamesTheNextProbeAlsoWhereNumbersArePassedOver) {
  add("192.0.2.1", every(1s, 1s));
  send_undrained(0s);
  for (int i = 1; i < 4; ++i) send_and_answer(i * 1s);
  deadline(6s, 0s);
  ASSERT_THAT(actions().outcomes, ElementsAre(IsOutcome(OutcomeKind::kSlipped)));
  ASSERT_THAT(actions().sends, SizeIs(1));
  EXPECT_EQ(static_cast<std::uint32_t>(actions().outcomes[0].sequence.value()), request().tag.sequence);
}

TEST_F(EnginePlaces, APlaceIsLookedForOnlySoFarAtOnce) {
  constexpr std::uint32_t kLost = 100;
  constexpr std::uint32_t kWindow = 256;  // 2 s / 10 ms + 2, rounded up
  const auto record = add("192.0.2.1", every(10ms, 2s));
  for (std::uint32_t i = 0; i < kLost; ++i) send_undrained(i * 10ms);
  for (std::uint32_t i = kLost; i < kWindow; ++i) send_and_answer(i * 10ms);
  const std::uint32_t last = sent_.tag.sequence;
  EXPECT_THAT(deadline(kWindow * 10ms, 0s).sends, IsEmpty());
  EXPECT_THAT(actions().outcomes, ElementsAre(IsFailure(wire::SendFailure::kNoBuffer)));
  EXPECT_EQ(actions().outcomes[0].sequence.value(), last + 1 + base::kMostPassedOver);
  send_and_answer((kWindow + 1) * 10ms);
  EXPECT_EQ(sent_.tag.sequence, last + kLost + 1);
  EXPECT_EQ(read(record).in_flight, kLost);
}

TEST_F(EnginePlaces, WhoseProbesCanNotEndTakesNobodyElsesPlace) {
  // A window of 4,096 places, of which the target's interval and timeout ask for 2,049.
  add("192.0.2.1", every(1ms, 2047ms));
  add("192.0.2.2", every(10s, 1s), 0s, 5'000'000'000);
  for (int i = 0; i < 4096; ++i) send_undrained(i * 1ms);
  EXPECT_THAT(deadline(5s, 0s).sends, ElementsAre(GoesTo("192.0.2.2")));
}

TEST_F(EnginePlaces, AnOldProbeIsStillFoundByItsNumberAfterAnUpdate) {
  ProbeOptions options = every(1s, 1s);
  options.size = 0;
  const auto record = add("192.0.2.1", options);
  send_undrained(0s);
  const wire::TxRequest old = sent_;
  for (int i = 1; i < 5; ++i) send_and_answer(i * 1s);
  options.timeout = 10s;
  update(record, "192.0.2.1", options, 4s);
  EXPECT_THAT(receive(Message::reply_to(old).stamped(500ms), 4500ms, 0s).outcomes,
              ElementsAre(IsOutcome(OutcomeKind::kReply)));
}

}  // namespace
}  // namespace sounder::probe::testing
