// The end of sessions: whatever way they end, what they held is given back, in slices.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "engine/broker/limits.h"
#include "engine/broker/registration.h"
#include "engine/broker/slab.h"
#include "tests/support/broker_harness.h"

namespace sounder::broker::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::uint64_t registrations(const Harness& harness) {
  return harness.broker->statistics().used[static_cast<std::size_t>(Resource::kRegistrations)];
}

TEST(BrokerEnd, ADeadClientIsToldNothingMore) {
  Harness harness;
  const auto session = harness.client();
  harness.send(session, want(1, Wanted().level(7).edge(7)));
  harness.send(session, ping(1));
  harness.broker->on_dead(session, CloseReason::kEndOfStream, harness.now);
  harness.change(interface_up(1));
  EXPECT_EQ(harness.broker->next_ready(), std::nullopt);
  EXPECT_THAT(harness.told(session), IsEmpty());
  harness.send(session, ping(2));
  EXPECT_THAT(harness.told(session), IsEmpty());
}

TEST(BrokerEnd, WitnessesMayComeInAnyOrderAndOften) {
  std::array<CloseReason, 4> reasons{CloseReason::kEndOfStream, CloseReason::kReset, CloseReason::kProcessExit,
                                     CloseReason::kProtocol};
  std::sort(reasons.begin(), reasons.end());
  do {
    Harness harness;
    const auto session = harness.client();
    harness.send(session, want(1, Wanted().level(7).monitor(1s)));
    for (const CloseReason reason : reasons) harness.broker->on_dead(session, reason, harness.now);
    const auto ended = harness.ended();
    ASSERT_EQ(ended.size(), 1U);
    EXPECT_EQ(ended[0].reason, reasons[0]);
    harness.settle();
    for (const CloseReason reason : reasons) harness.broker->on_dead(session, reason, harness.now);
    EXPECT_THAT(harness.ended(), IsEmpty());
    EXPECT_EQ(registrations(harness), 0U);
  } while (std::next_permutation(reasons.begin(), reasons.end()));
}

TEST(BrokerEnd, ReclaimGoesInSlicesAndGivesQuotaBackAsItGoes) {
  Harness harness;
  const auto session = harness.client();
  for (int i = 0; i < 10; ++i) {
    harness.send(session, want(1, Wanted().level(7, 512).edge(1, 512)));
    static_cast<void>(harness.told(session));
  }
  EXPECT_EQ(registrations(harness), 10'240U);
  harness.broker->on_dead(session, CloseReason::kProcessExit, harness.now);
  EXPECT_EQ(registrations(harness), 10'240U);
  harness.broker->turn(harness.now);
  EXPECT_EQ(registrations(harness), 10'240U - kReclaimSlice);
  EXPECT_EQ(harness.broker->next_turn(), base::MonoTime::min());
  EXPECT_EQ(harness.ended().size(), 1U);
  harness.settle();
  EXPECT_EQ(registrations(harness), 0U);
  EXPECT_EQ(harness.broker->statistics().reclaiming, 0U);
  EXPECT_EQ(harness.broker->next_turn(), base::MonoTime::max());
}

TEST(BrokerEnd, NoEventIsNeededForAnythingToComeBack) {
  Harness harness;
  const auto before = harness.memory.bytes();
  std::vector<SessionId> sessions;
  for (int i = 0; i < 50; ++i) {
    sessions.push_back(harness.client("1000", true));
    harness.send(sessions.back(), want(1, Wanted().level(7, 900).monitor(1s, 64).outcomes_of("g", std::to_string(i))));
    static_cast<void>(harness.told(sessions.back()));
    for (int more = 0; more < 2; ++more) {
      harness.send(sessions.back(), want(2, Wanted().edge(7, 1000)));
      static_cast<void>(harness.told(sessions.back()));
    }
    harness.send(sessions.back(), echoes(0, 50));
  }
  EXPECT_EQ(harness.broker->statistics().self_check, 0);
  // Each kind of object keeps one spare chunk.
  const std::size_t kept = before + 9 * Slab<Registration>::kChunkBytes;
  EXPECT_GT(harness.memory.bytes(), kept + Slab<Registration>::kChunkBytes);
  for (const auto session : sessions) harness.broker->on_dead(session, CloseReason::kProcessExit, harness.now);
  EXPECT_EQ(harness.ended().size(), 50U);
  harness.settle();
  for (std::size_t i = 0; i < kResources; ++i) EXPECT_EQ(harness.broker->statistics().used[i], 0U) << i;
  EXPECT_EQ(harness.broker->statistics().self_check, 0);
  EXPECT_LE(harness.memory.bytes(), kept);
}

TEST(BrokerEnd, AReloadTakesNothingAwayAndRefusesWhatIsNew) {
  Harness harness;
  const auto session = harness.client();
  harness.send(session, want(1, Wanted().level(7, 100)));
  static_cast<void>(harness.told(session));
  Settings settings;
  settings.quotas.registrations = {10, 10, 10};
  settings.policy.everybody.outcomes = false;
  harness.broker->configure(settings);
  EXPECT_EQ(registrations(harness), 100U);
  harness.send(session, want(2, Wanted().level(1)));
  harness.send(session, want(3, Wanted().outcomes_of("")));
  EXPECT_THAT(harness.told(session), ElementsAre("refused 2: Limit, client registrations 100 of 10",
                                                 "refused 3: NotPermitted, to follow outcomes"));
  harness.change(interface_up(1));
  EXPECT_THAT(harness.told(session), ElementsAre("changes i1"));
}

TEST(BrokerEnd, EveryRefusedChargeOfAScenarioChangesNothing) {
  // The bytes of a client at which the first, the second, … charge is refused.
  for (std::uint64_t limit = 1000; limit < 12'000; limit += 40) {
    BrokerConfig config;
    config.settings.quotas.bytes.client = limit;
    Harness harness(config);
    const auto session = harness.connect();
    if (!session) continue;
    harness.send(*session, hello());
    static_cast<void>(harness.told(*session));
    const auto before = harness.broker->statistics();
    harness.send(*session, want(1, Wanted().level(1).edge(7).monitor(1s, 4).monitor(1s, 4).outcomes_of("a", "b")));
    const auto told = harness.told(*session);
    ASSERT_FALSE(told.empty());
    const auto& after = harness.broker->statistics();
    if (told[0].starts_with("refused")) {
      EXPECT_EQ(told.size(), 1U);
      EXPECT_EQ(after.used, before.used) << limit;
      EXPECT_EQ(after.registrations, before.registrations) << limit;
    } else {
      EXPECT_EQ(told[0], "registered 1: 5");
    }
    EXPECT_EQ(after.self_check, 0) << limit;
  }
}

TEST(BrokerEnd, ADestroyedBrokerHasGivenAllBackWhateverWasUnderWay) {
  Harness harness;
  const auto session = harness.client("0", true);
  const auto whole = want(1, Wanted().level(7, 500).edge(7).monitor(10ms).outcomes_of("g"));
  harness.send(session, whole);
  harness.send(session, echoes(0, 100));
  EXPECT_EQ(harness.sent(10).size(), 10U);
  harness.send(session, Bytes(whole.begin(), whole.begin() + 100));
  static_cast<void>(harness.connect());
  const auto dead = harness.client();
  harness.send(dead, echoes(0, 5));
  harness.broker->on_dead(dead, CloseReason::kReset, harness.now);
}

}  // namespace
}  // namespace sounder::broker::testing
