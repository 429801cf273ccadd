// Registrations, and what watches and followers of outcomes are told.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/broker/limits.h"
#include "tests/support/broker_harness.h"

namespace sounder::broker::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::uint64_t used(Harness& harness, Resource resource) {
  return harness.broker->statistics().used[static_cast<std::size_t>(resource)];
}

TEST(BrokerWatch, LevelTellsEverythingThenWhatChanges) {
  Harness harness;
  harness.change(interface_up(1));
  harness.change(route(5));
  const auto session = harness.client();
  harness.send(session, want(7, Wanted().level(7)));
  EXPECT_THAT(harness.told(session), ElementsAre("registered 7: 1", "changes begin i1 r5 end"));
  harness.change(route(6));
  harness.change(interface_up(1, false));
  harness.change(interface_up(1));
  harness.change(route(5, true));
  EXPECT_EQ(harness.broker->next_ready(), session);
  EXPECT_THAT(harness.told(session), ElementsAre("changes r6 i1 -r5"));
}

TEST(BrokerWatch, LevelTellsOnlyOfItsKinds) {
  Harness harness;
  const auto session = harness.client();
  harness.send(session, want(1, Wanted().level(1)));
  EXPECT_THAT(harness.told(session), ElementsAre("registered 1: 1", "changes begin end"));
  harness.change(route(1));
  EXPECT_THAT(harness.told(session), IsEmpty());
  harness.change(interface_up(1));
  EXPECT_THAT(harness.told(session), ElementsAre("changes i1"));
}

TEST(BrokerWatch, ASecondLevelWatchBeginsANewPass) {
  Harness harness;
  harness.change(interface_up(1));
  const auto session = harness.client();
  harness.send(session, want(1, Wanted().level(1)));
  static_cast<void>(harness.told(session));
  harness.send(session, want(2, Wanted().level(4)));
  EXPECT_THAT(harness.told(session), ElementsAre("registered 2: 1", "changes begin i1 end"));
}

TEST(BrokerWatch, WhatHasGoneAndIsForgottenBringsANewSnapshot) {
  Harness harness({}, 1);
  const auto session = harness.client();
  for (std::uint32_t i = 1; i <= 3; ++i) harness.change(route(i));
  harness.send(session, want(1, Wanted().level(4)));
  EXPECT_THAT(harness.told(session), ElementsAre("registered 1: 1", "changes begin r1 r2 r3 end"));
  harness.change(route(1, true));
  harness.change(route(2, true));
  EXPECT_THAT(harness.told(session), ElementsAre("changes begin r3 end"));
}

TEST(BrokerWatch, EdgeTellsEveryChangeAndItsNumber) {
  Harness harness;
  const auto session = harness.client();
  harness.change(interface_up(1));
  harness.send(session, want(1, Wanted().edge(5)));
  EXPECT_THAT(harness.told(session), ElementsAre("registered 1: 1"));
  harness.change(interface_up(1, false));
  harness.change(interface_up(1));
  harness.change(route(9));
  EXPECT_THAT(harness.told(session), ElementsAre("events from 1: i1(down) i1", "events from 0: r9"));
}

TEST(BrokerWatch, EdgeGapsAreExact) {
  BrokerConfig config;
  config.event_ring = 4;
  Harness harness(config);
  const auto session = harness.client();
  harness.send(session, want(1, Wanted().edge(4)));
  static_cast<void>(harness.told(session));
  for (std::uint32_t i = 0; i < 10; ++i) harness.change(route(i));
  EXPECT_THAT(harness.told(session), ElementsAre("events from 6 missed 6: r6 r7 r8 r9"));
  EXPECT_EQ(harness.broker->statistics().missed, 6U);
  EXPECT_EQ(harness.broker->statistics().gaps, 1U);
}

TEST(BrokerWatch, ALossOfTheSystemIsAGapOfUnknownLength) {
  Harness harness;
  const auto session = harness.client();
  harness.send(session, want(1, Wanted().edge(4)));
  static_cast<void>(harness.told(session));
  harness.change(route(1));
  harness.broker->on_network(true, harness.now);
  harness.change(route(2));
  EXPECT_THAT(harness.told(session), ElementsAre("events from 0: r1", "events from 1 missed ?: r2"));
  harness.broker->on_network(true, harness.now);
  EXPECT_THAT(harness.told(session), ElementsAre("events from 2 missed ?:"));
  EXPECT_THAT(harness.told(session), IsEmpty());
}

TEST(BrokerWatch, WhoIsWokenForNothingWhileParkedIsWokenAgain) {
  Harness harness;
  const auto session = harness.client();
  harness.send(session, want(1, Wanted().level(7)));
  static_cast<void>(harness.told(session));
  harness.broker->on_blocked(session, harness.now);
  harness.broker->on_network(true, harness.now);
  harness.broker->on_writable(session, harness.now);
  while (const auto ready = harness.broker->next_ready()) EXPECT_THAT(harness.told(*ready), IsEmpty());
  harness.change(interface_up(1));
  EXPECT_EQ(harness.broker->next_ready(), session);
  EXPECT_THAT(harness.told(session), ElementsAre("changes i1"));
}

TEST(BrokerWatch, ManyRegistrationsAreTriggeredAsOne) {
  Harness harness;
  const auto session = harness.client();
  harness.send(session, want(1, Wanted().edge(1, 1000)));
  EXPECT_THAT(harness.told(session), ElementsAre("registered 1: 1000"));
  harness.change(interface_up(1));
  EXPECT_THAT(harness.told(session), ElementsAre("events from 0: i1"));
}

TEST(BrokerWatch, UnregisteredItIsToldNothingMore) {
  Harness harness;
  const auto session = harness.client();
  harness.send(session, want(1, Wanted().edge(1).level(1)));
  const auto ids = harness.ids(session);
  ASSERT_EQ(ids.size(), 2U);
  harness.change(interface_up(1));
  harness.send(session, unregister(2, ids));
  EXPECT_THAT(harness.told(session), ElementsAre("unregistered 2: 2"));
  harness.change(interface_up(2));
  EXPECT_THAT(harness.told(session), IsEmpty());
  harness.send(session, unregister(3, ids));
  EXPECT_THAT(harness.told(session), ElementsAre("unregistered 3: 0"));
  EXPECT_EQ(used(harness, Resource::kRegistrations), 0U);
}

TEST(BrokerWatch, NobodyUnregistersWhatIsAnothersOrNotYetTold) {
  Harness harness;
  const auto session = harness.client();
  const auto other = harness.client();
  harness.send(session, want(1, Wanted().edge(1)));
  const auto ids = harness.ids(session);
  harness.send(other, unregister(1, ids));
  EXPECT_THAT(harness.told(other), ElementsAre("unregistered 1: 0"));
  harness.send(session, want(2, Wanted().edge(1)));
  harness.send(session, unregister(3, {ids[0], ids[0] + 1, ids[0] + (std::uint64_t{1} << 32U) + 1}));
  EXPECT_THAT(harness.told(session), ElementsAre("registered 2: 1", "unregistered 3: 1"));
}

TEST(BrokerWatch, ARefusedRequestChangesNothingAndSaysWhy) {
  BrokerConfig config;
  config.settings.quotas.registrations.client = 5;
  Harness harness(config);
  const auto session = harness.client();
  harness.send(session, want(1, Wanted().level(1, 3)));
  static_cast<void>(harness.told(session));
  const auto before = harness.broker->statistics().used;
  harness.send(session, want(2, Wanted().edge(7, 2).level(2)));
  EXPECT_THAT(harness.told(session), ElementsAre("refused 2: Limit, client registrations 3 of 5"));
  EXPECT_EQ(harness.broker->statistics().used, before);
  EXPECT_EQ(harness.broker->statistics().registrations[0], 3U);
  harness.change(interface_up(1));
  EXPECT_THAT(harness.told(session), ElementsAre("changes i1"));
}

TEST(BrokerWatch, WhatIsInvalidOrNotPermittedIsRefused) {
  BrokerConfig config;
  config.settings.policy.everybody.watch = false;
  Harness harness(config);
  const auto session = harness.client();
  harness.send(session, want(1, Wanted().level(1)));
  harness.send(session, want(2, Wanted().level(0)));
  harness.world.configured.clear();
  harness.send(session, want(3, Wanted().monitor(std::chrono::seconds(1))));
  const auto told = harness.told(session);
  ASSERT_EQ(told.size(), 3U);
  EXPECT_EQ(told[0], "refused 1: NotPermitted, to watch the network");
  EXPECT_THAT(told[1], ::testing::StartsWith("refused 2: Invalid, "));
  EXPECT_EQ(told[2], "refused 3: NotPermitted, to monitor an address that is no configured target");
}

std::shared_ptr<const probe::TargetInfo> target(const std::string& group, const std::string& name) {
  auto info = std::make_shared<probe::TargetInfo>();
  info->group = std::make_shared<const std::string>(group);
  info->target = name;
  info->address = "192.0.2.1";
  return info;
}

TEST(BrokerWatch, OutcomesAreFollowedByAllGroupAndTarget) {
  Harness harness;
  const auto session = harness.client();
  harness.send(session,
               want(1, Wanted().outcomes_of("").outcomes_of("edge").outcomes_of("edge", "gw").outcomes_of("")));
  EXPECT_THAT(harness.told(session), ElementsAre("registered 1: 4"));
  probe::Outcome outcome;
  outcome.kind = probe::OutcomeKind::kReply;
  harness.broker->on_outcome(target("edge", "gw"), outcome, harness.now);
  harness.broker->on_outcome(target("edge", "dns"), outcome, harness.now);
  harness.broker->on_outcome(target("core", "gw"), outcome, harness.now);
  EXPECT_THAT(harness.told(session), ::testing::UnorderedElementsAre("outcomes / from 0: gw=Reply dns=Reply gw=Reply",
                                                                     "outcomes edge/ from 0: gw=Reply dns=Reply",
                                                                     "outcomes edge/gw from 0: gw=Reply"));
  EXPECT_EQ(harness.broker->statistics().self_check, 0);
}

TEST(BrokerWatch, OutcomesThatWereLostAreAGapOfUnknownLength) {
  Harness harness;
  const auto session = harness.client();
  harness.send(session, want(1, Wanted().outcomes_of("edge")));
  static_cast<void>(harness.told(session));
  harness.broker->on_outcome(target("edge", "gw"), {}, harness.now);
  harness.broker->on_outcomes_lost(harness.now);
  harness.broker->on_outcome(target("edge", "gw"), {}, harness.now);
  EXPECT_THAT(harness.told(session),
              ElementsAre("outcomes edge/ from 0: gw=Timeout", "outcomes edge/ from 1 missed ?: gw=Timeout"));
}

TEST(BrokerWatch, MonitorsProbeAndReport) {
  Harness harness;
  const auto session = harness.client();
  harness.send(session, want(1, Wanted().monitor(std::chrono::milliseconds(100), 2)));
  EXPECT_THAT(harness.told(session), ElementsAre("registered 1: 1"));
  harness.broker->turn(harness.now);
  auto requests = harness.sent();
  ASSERT_EQ(requests.size(), 1U);
  harness.reply(requests[0]);
  EXPECT_THAT(harness.told(session), ElementsAre("monitor from 0: Reply, due 1 replies 1 slipped 0"));
  // Nobody takes the requests for a while: the second waits, all others slip; two records are kept.
  harness.now += std::chrono::milliseconds(100);
  harness.broker->turn(harness.now);
  harness.now += std::chrono::milliseconds(300);
  harness.broker->turn(harness.now);
  EXPECT_THAT(harness.told(session), ElementsAre("monitor from 1: Slipped*3, due 5 replies 1 slipped 3"));
  requests = harness.sent();
  ASSERT_EQ(requests.size(), 1U);
  for (int i = 0; i < 4; ++i) {
    harness.reply(requests[0]);
    harness.now += std::chrono::milliseconds(100);
    harness.broker->turn(harness.now);
    requests = harness.sent();
    ASSERT_EQ(requests.size(), 1U);
  }
  EXPECT_THAT(harness.told(session), ElementsAre("monitor from 4 missed 2: Reply Reply, due 9 replies 5 slipped 3"));
  EXPECT_EQ(harness.broker->statistics().self_check, 0);
}

}  // namespace
}  // namespace sounder::broker::testing
