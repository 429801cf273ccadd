/// "Send ok" is not "sent": what a missing TX stamp proves, and what it does not (design decision 6).
#include "tests/unit/probe/engine_fixture.h"
#include "tests/unit/probe/fake_paths.h"

namespace sounder::probe::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class EngineUnsent : public EngineTest {
 protected:
  /// One probe at 1 s, accepted; never stamped. The next is due at 11 s.
  std::shared_ptr<TargetRecord> vanished(const std::optional<net::Path>& way) {
    ProbeOptions options;
    options.interval = 10s;
    follow(way);
    deadline(0s);
    const auto record = add("192.0.2.1", options, 0s, 1'000'000'000);
    deadline(1s);
    accept(1s);
    sent_ = request();
    return record;
  }
  void follow(const std::optional<net::Path>& way) {
    paths_.push_back(way ? std::make_unique<FakePaths>(*way) : nullptr);
    engine().on_network(paths_.back().get());
  }
  /// What becomes of the probe of 1 s, whose timeout is 2 s.
  std::vector<Outcome> at_timeout() {
    deadline(3s);
    const auto outcomes = actions().outcomes.span();
    return {outcomes.begin(), outcomes.end()};
  }
  [[nodiscard]] std::uint64_t not_sent() {
    return numbers().send_errors[static_cast<std::size_t>(wire::SendFailure::kNotSent)];
  }

  wire::TxRequest sent_;
  std::vector<std::unique_ptr<FakePaths>> paths_;
};

MATCHER(IsTimeout, "") { return arg.kind == OutcomeKind::kTimeout; }
MATCHER(IsNotSent, "") {
  return arg.kind == OutcomeKind::kSendFailed && arg.send_failure == wire::SendFailure::kNotSent;
}

TEST_F(EngineUnsent, OnTheLinkItIsTheTargetsSilence) {
  const auto record = vanished(on_link());
  EXPECT_THAT(at_timeout(), ElementsAre(IsTimeout()));
  EXPECT_EQ(read(record).reason, Reason::kNoNeighbour);
  EXPECT_EQ(not_sent(), 0U);
}

TEST_F(EngineUnsent, BehindAGatewayItWasNotSent) {
  const auto record = vanished(gateway());
  EXPECT_THAT(at_timeout(), ElementsAre(IsNotSent()));
  EXPECT_EQ(read(record).outcome(OutcomeKind::kSendFailed), 1U);
  EXPECT_EQ(read(record).state, TargetState::kUnknown);  // one may be a full queue
  EXPECT_EQ(not_sent(), 1U);
}

TEST_F(EngineUnsent, WithoutCarrierOrRouteItWasNotSentAndTheTargetIsUnreachable) {
  for (const auto& [way, reason] : {std::pair(no_carrier(), Reason::kNoCarrier),
                                    std::pair(path(net::Path::Kind::kOnLink, false), Reason::kNoCarrier),
                                    std::pair(no_route(), Reason::kNoRoute)}) {
    start();
    const auto record = vanished(way);
    EXPECT_THAT(at_timeout(), ElementsAre(IsNotSent()));
    EXPECT_EQ(read(record).state, TargetState::kUnreachable);
    EXPECT_EQ(read(record).reason, reason);
  }
}

TEST_F(EngineUnsent, ToThisHostItselfItWasNotSent) {
  vanished(path(net::Path::Kind::kLocal));
  EXPECT_THAT(at_timeout(), ElementsAre(IsNotSent()));
}

TEST_F(EngineUnsent, WhereNothingIsClaimedItIsATimeout) {
  for (const auto& way : {std::optional<net::Path>(), std::optional(path(net::Path::Kind::kUnknown))}) {
    start();
    const auto record = vanished(way);
    EXPECT_THAT(at_timeout(), ElementsAre(IsTimeout()));
    EXPECT_EQ(read(record).reason, Reason::kTimeout);
  }
}

TEST_F(EngineUnsent, AStampedProbeTimesOut) {
  const auto record = vanished(gateway());
  stamp(sent_, 1s + 1us);
  EXPECT_THAT(at_timeout(), ElementsAre(IsTimeout()));
  EXPECT_EQ(read(record).reason, Reason::kTimeout);
}

TEST_F(EngineUnsent, AStampThatMayHaveBeenLostProvesNothing) {
  vanished(gateway());
  engine().on_stamps_lost(at(1s + 10ms));
  EXPECT_THAT(at_timeout(), ElementsAre(IsTimeout()));
}

TEST_F(EngineUnsent, StampsLostBeforeItWasSentAreNotItsOwn) {
  engine().on_stamps_lost(at(999ms));
  vanished(gateway());
  EXPECT_THAT(at_timeout(), ElementsAre(IsNotSent()));
}

TEST_F(EngineUnsent, WhereTheKernelDoesNotStampNothingIsProved) {
  config_.tx_stamps = false;
  start();
  vanished(gateway());
  EXPECT_THAT(at_timeout(), ElementsAre(IsTimeout()));
}

TEST_F(EngineUnsent, NothingIsJudgedWhileStampsMayBeUnread) {
  vanished(gateway());
  deadline(9s, 2s);  // stopped for some seconds; the queues were last seen empty at 2 s
  EXPECT_EQ(not_sent(), 0U);
  stamp(sent_, 1s + 1us);
  deadline(9s, 9s);
  EXPECT_EQ(not_sent(), 0U);
}

TEST_F(EngineUnsent, AnOverflowExcusesNoProbeThatNeverLeft) {
  vanished(gateway());
  engine().on_overflow(5, at(1s + 10ms));
  EXPECT_THAT(at_timeout(), ElementsAre(IsNotSent()));
}

TEST_F(EngineUnsent, ALateReplyProvesThatItLeft) {
  const auto record = vanished(gateway());
  receive(Message::reply_to(sent_).stamped(3s + 1ms), 4s, 2s);
  EXPECT_THAT(actions().outcomes, ElementsAre(IsTimeout()));
  EXPECT_EQ(read(record).stray(StrayKind::kLate), 1U);
}

TEST_F(EngineUnsent, AnInterfaceWhoseRepliesComeWithoutStampsIsNotBelieved) {
  vanished(gateway());
  receive(Message::reply_to(sent_).stamped(1s + 1ms), 1s + 2ms);
  deadline(1s + 3ms);  // the stamp has not come by the end of the cycle
  deadline(11s);
  accept(11s);
  deadline(13s);
  EXPECT_EQ(not_sent(), 0U);
}

TEST_F(EngineUnsent, AStampMakesItsInterfaceCredibleAgain) {
  vanished(gateway());
  receive(Message::reply_to(sent_).stamped(1s + 1ms), 1s + 2ms);
  deadline(1s + 3ms);
  stamp(sent_, 1s + 1us);  // it was only late
  deadline(11s);
  accept(11s);
  deadline(13s);
  EXPECT_EQ(not_sent(), 1U);
}

TEST_F(EngineUnsent, AWayThatCameBackMeanwhileMakesNoSilentNeighbour) {
  const auto record = vanished(path(net::Path::Kind::kOnLink, false));
  deadline(1500ms);
  follow(on_link());
  deadline(1600ms);
  EXPECT_THAT(at_timeout(), ElementsAre(IsNotSent()));
  EXPECT_EQ(read(record).state, TargetState::kUnknown);
}

TEST_F(EngineUnsent, OurOwnHostsWordAboutAGatewayIsOurFault) {
  vanished(gateway());
  receive(Message::error_about(sent_, 3, 1, "192.0.2.200").to("192.0.2.200"), 2s);
  EXPECT_THAT(actions().outcomes, ElementsAre(IsNotSent()));
}

TEST_F(EngineUnsent, OurOwnHostsWordAboutTheLinkIsTheTargetsSilence) {
  for (const auto& way : {std::optional(on_link()), std::optional<net::Path>()}) {
    start();
    const auto record = vanished(way);
    receive(Message::error_about(sent_, 3, 1, "192.0.2.200").to("192.0.2.200"), 2s);
    EXPECT_THAT(actions().outcomes, ElementsAre(IsTimeout()));
    EXPECT_EQ(read(record).reason, Reason::kNoNeighbour);
  }
}

TEST_F(EngineUnsent, TheQuestionNamesWhatTheTargetAsksOfItsPath) {
  FakePaths paths(gateway());
  engine().on_network(&paths);
  TargetDelta delta;
  auto made = plan("fe80::1%7", {});
  made->packet.mark = 5;
  const auto record = make_target_record(*made);
  delta.changes.push_back({TargetChange::Kind::kAdd, record, std::move(made), nullptr, {}});
  engine().prepare(delta);
  engine().apply(delta, at(0s), actions());
  engine().on_network(&paths);
  deadline(500ms);
  EXPECT_EQ(paths.last_query.interface, net::InterfaceIndex(7));
  EXPECT_EQ(paths.last_query.mark, 5U);
}

}  // namespace
}  // namespace sounder::probe::testing
