/// "Unreachable from here" is not "down": what this host failed to do says nothing of the target.
#include "tests/unit/probe/engine_fixture.h"
#include "tests/unit/probe/fake_paths.h"

namespace sounder::probe::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using wire::SendFailure;

class EngineUnreachable : public EngineTest {
 protected:
  void reply(base::Duration rx) { receive(Message::reply_to(request()).stamped(rx), rx + 10us); }
  /// Up, by the probe of 0 s.
  std::shared_ptr<TargetRecord> up_target(const ProbeOptions& options = quick()) {
    const auto record = add("192.0.2.1", options);
    send(0s);
    reply(1ms);
    return record;
  }
  static ProbeOptions quick() {
    ProbeOptions options;
    options.timeout = 500ms;
    return options;
  }
  Actions& refused(base::Duration now, SendFailure failure) {
    deadline(now);
    return refuse(request(), failure, now);
  }
};

TEST_F(EngineUnreachable, AFailureThatProvesThatThereIsNoWayCountsAtOnce) {
  for (const auto& [failure, reason] :
       {std::pair(SendFailure::kNoRoute, Reason::kNoRoute), std::pair(SendFailure::kNoDevice, Reason::kNoDevice),
        std::pair(SendFailure::kAccessDenied, Reason::kAccessDenied),
        std::pair(SendFailure::kInvalid, Reason::kInvalid)}) {
    start();
    const auto record = up_target();
    EXPECT_THAT(refused(1s, failure).changes,
                ElementsAre(StateChange{slot_of(*record), TargetState::kUnreachable, reason, {}}));
    EXPECT_EQ(read(record).state, TargetState::kUnreachable);
    EXPECT_EQ(read(record).consecutive_losses, 0U);
  }
}

TEST_F(EngineUnreachable, AFailureOfAMomentCountsWhenItIsOneOfARow) {
  for (const auto& [failure, reason] : {std::pair(SendFailure::kNoBuffer, Reason::kNoBuffer),
                                        std::pair(SendFailure::kNotPermitted, Reason::kNotPermitted),
                                        std::pair(SendFailure::kMessageTooBig, Reason::kMessageTooBig),
                                        std::pair(SendFailure::kOther, Reason::kSendFailed)}) {
    start();
    const auto record = up_target();
    EXPECT_THAT(refused(1s, failure).changes, IsEmpty());
    EXPECT_THAT(refused(2s, failure).changes, IsEmpty());
    EXPECT_EQ(read(record).state, TargetState::kUp);
    EXPECT_THAT(refused(3s, failure).changes,
                ElementsAre(StateChange{slot_of(*record), TargetState::kUnreachable, reason, {}}));
  }
}

TEST_F(EngineUnreachable, AReplyInBetweenBeginsTheRowAnew) {
  const auto record = up_target();
  refused(1s, SendFailure::kNoBuffer);
  refused(2s, SendFailure::kNoBuffer);
  send(3s);
  reply(3001ms);
  refused(4s, SendFailure::kNoBuffer);
  EXPECT_EQ(read(record).state, TargetState::kUp);
}

TEST_F(EngineUnreachable, SlipsAndLocalDropsMoveNothing) {
  const auto record = up_target();
  deadline(60s);  // stopped for a minute
  EXPECT_EQ(read(record).outcome(OutcomeKind::kSlipped), 59U);
  accept(60s);
  engine().on_overflow(10, at(60s + 1ms));
  engine().on_stamps_lost(at(60s + 1ms));
  deadline(60500ms);
  EXPECT_EQ(read(record).outcome(OutcomeKind::kLocalDrop), 1U);
  EXPECT_EQ(read(record).state, TargetState::kUp);
  EXPECT_EQ(read(record).consecutive_losses, 0U);
}

TEST_F(EngineUnreachable, OwnFaultsNeitherLengthenNorBreakARowOfLosses) {
  const auto record = up_target();
  send(1s);
  send(2s);
  deadline(2500ms);
  EXPECT_EQ(read(record).consecutive_losses, 2U);
  refused(3s, SendFailure::kNoBuffer);
  EXPECT_EQ(read(record).consecutive_losses, 2U);
  send(4s);
  deadline(4500ms);
  EXPECT_EQ(read(record).state, TargetState::kDown);
}

TEST_F(EngineUnreachable, TheFirstReplyThatLeftAfterwardsMakesItUp) {
  const auto record = up_target();
  refused(1s, SendFailure::kNoRoute);
  send(2s);
  reply(2001ms);
  EXPECT_THAT(actions().changes, ElementsAre(StateChange{slot_of(*record), TargetState::kUp, Reason::kNone, {}}));
}

TEST_F(EngineUnreachable, WhereUpNeedsMoreRepliesItIsUnknownMeanwhile) {
  ProbeOptions options = quick();
  options.up_after = 2;
  const auto record = add("192.0.2.1", options);
  send(0s);
  refused(1s, SendFailure::kNoRoute);
  send(2s);
  reply(2001ms);
  EXPECT_EQ(read(record).state, TargetState::kUnknown);
  EXPECT_EQ(read(record).reason, Reason::kNone);
  send(3s);
  reply(3001ms);
  EXPECT_EQ(read(record).state, TargetState::kUp);
}

TEST_F(EngineUnreachable, LossesThatLeftAfterwardsAreTheNetworksAgain) {
  const auto record = up_target();
  refused(1s, SendFailure::kNoRoute);
  send(2s);
  deadline(2500ms);
  EXPECT_EQ(read(record).state, TargetState::kUnknown);
  EXPECT_EQ(read(record).reason, Reason::kTimeout);
  send(3s);
  send(4s);
  deadline(4500ms);
  EXPECT_EQ(read(record).state, TargetState::kDown);
}

TEST_F(EngineUnreachable, ALostLinkIsSeenAtOnceAndItsReturnToo) {
  const auto record = up_target();
  FakePaths cut(no_carrier());
  engine().on_network(&cut);
  EXPECT_EQ(engine().next_deadline(), base::MonoTime::min());
  EXPECT_THAT(deadline(100ms).changes,
              ElementsAre(StateChange{slot_of(*record), TargetState::kUnreachable, Reason::kNoCarrier, {}}));
  EXPECT_THAT(actions().outcomes, IsEmpty());
  EXPECT_THAT(deadline(100ms).changes, IsEmpty());  // the rest of the slots
  EXPECT_EQ(engine().next_deadline(), at(1s));

  FakePaths back(gateway());
  engine().on_network(&back);
  EXPECT_THAT(deadline(200ms).changes,
              ElementsAre(StateChange{slot_of(*record), TargetState::kUnknown, Reason::kNone, {}}));
  send(1s);
  reply(1001ms);
  EXPECT_EQ(read(record).state, TargetState::kUp);
}

TEST_F(EngineUnreachable, PathsThatSayTheSameChangeNothing) {
  up_target();
  FakePaths cut(no_route());
  FakePaths still_cut(no_route());
  engine().on_network(&cut);
  deadline(100ms);
  engine().on_network(&still_cut);
  EXPECT_THAT(deadline(200ms).changes, IsEmpty());
}

TEST_F(EngineUnreachable, WhatLeftBeforeTheLinkWasLostIsOldNews) {
  ProbeOptions options = quick();
  options.down_after = 1;
  const auto record = up_target(options);
  send(1s);
  FakePaths cut(no_carrier());
  engine().on_network(&cut);
  deadline(1100ms);
  deadline(1500ms);  // it times out, and counts, and that is all
  EXPECT_EQ(read(record).outcome(OutcomeKind::kTimeout), 1U);
  EXPECT_EQ(read(record).state, TargetState::kUnreachable);
  EXPECT_EQ(read(record).reason, Reason::kNoCarrier);
}

TEST_F(EngineUnreachable, WhatVanishedWhileTheLinkWasLostDoesNotCutItOffAgain) {
  ProbeOptions options = quick();
  options.timeout = 3s;
  const auto record = up_target(options);
  FakePaths cut(no_carrier());
  engine().on_network(&cut);
  for (const auto now : {1s, 2s, 3s}) {  // accepted, and lost by the kernel without a word
    deadline(now);
    accept(now);
  }
  FakePaths back(gateway());
  engine().on_network(&back);
  deadline(3500ms);
  EXPECT_EQ(read(record).state, TargetState::kUnknown);
  deadline(3999ms);
  send(4s);
  const wire::TxRequest fourth = request();
  receive(Message::reply_to(fourth).stamped(4001ms), 4002ms);
  for (const auto now : {5s, 6s, 7s}) {
    send(now);
    reply(now + 1ms);
  }
  EXPECT_EQ(read(record).outcome(OutcomeKind::kSendFailed), 3U);
  EXPECT_EQ(read(record).outcome(OutcomeKind::kTimeout), 0U);
  EXPECT_EQ(read(record).state, TargetState::kUp);
}

TEST_F(EngineUnreachable, AFailedSendIsNotUndoneByPathsThatNeverSawIt) {
  const auto record = up_target();
  FakePaths paths(gateway());
  refused(1s, SendFailure::kInvalid);  // the source address has gone; the routes are all there
  engine().on_network(&paths);
  EXPECT_THAT(deadline(1100ms).changes, IsEmpty());
  EXPECT_EQ(read(record).state, TargetState::kUnreachable);
}

TEST_F(EngineUnreachable, ADownTargetBecomesUnreachableAndDownAgain) {
  const auto record = add("192.0.2.1", quick());
  for (const auto now : {0s, 1s, 2s}) send(now);
  deadline(2500ms);
  EXPECT_EQ(read(record).state, TargetState::kDown);
  refused(3s, SendFailure::kNoRoute);
  EXPECT_EQ(read(record).state, TargetState::kUnreachable);
  for (const auto now : {4s, 5s, 6s}) send(now);
  deadline(6500ms);
  EXPECT_EQ(read(record).state, TargetState::kDown);
}

TEST_F(EngineUnreachable, ManyTargetsAreJudgedInSlices) {
  ProbeOptions options = quick();
  options.interval = 60s;
  FakePaths cut(no_route());
  for (unsigned i = 0; i < 1000; ++i) {
    add("10.0." + std::to_string(i / 250) + "." + std::to_string(i % 250 + 1), options, 1s, 30'000'000'000);
  }
  engine().on_network(&cut);
  std::size_t changed = 0;
  int calls = 0;
  do {
    changed += deadline(2s).changes.size();
    ++calls;
    EXPECT_LE(actions().changes.size(), base::kJudgeBatch);
  } while (engine().next_deadline() == base::MonoTime::min());
  EXPECT_EQ(changed, 1000U);
  EXPECT_EQ(calls, 2);
}

}  // namespace
}  // namespace sounder::probe::testing
