// Echo requests: credit, order, fairness, and the end of those who made them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "engine/broker/limits.h"
#include "tests/support/broker_harness.h"

namespace sounder::broker::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::uint64_t used(const Harness& harness, Resource resource) {
  return harness.broker->statistics().used[static_cast<std::size_t>(resource)];
}

BrokerConfig unlimited() {
  BrokerConfig config;
  config.packets_per_second = 1'000'000;
  config.settings.policy.everybody.packets_per_second.reset();
  return config;
}

TEST(BrokerEcho, TheCreditComesBackWhenTheResultIsTaken) {
  Harness harness(unlimited());
  const auto session = harness.client();
  harness.send(session, echoes(40, 2));
  EXPECT_EQ(used(harness, Resource::kCredits), 2U);
  const auto requests = harness.sent();
  ASSERT_EQ(requests.size(), 2U);
  EXPECT_NE(requests[0].ticket, requests[1].ticket);
  harness.reply(requests[1]);
  EXPECT_EQ(used(harness, Resource::kCredits), 2U);
  EXPECT_THAT(harness.told(session), ElementsAre("results, credit 257: 41=Reply"));
  EXPECT_EQ(used(harness, Resource::kCredits), 1U);
  harness.reply(requests[0]);
  EXPECT_THAT(harness.told(session), ElementsAre("results, credit 258: 40=Reply"));
}

TEST(BrokerEcho, MoreThanTheCreditEndsTheSession) {
  BrokerConfig config = unlimited();
  config.settings.quotas.credits.client = 3;
  Harness harness(config);
  const auto session = harness.client();
  harness.send(session, echoes(1, 3));
  EXPECT_THAT(harness.ended(), IsEmpty());
  harness.send(session, echoes(4, 1));
  EXPECT_THAT(harness.told(session), ElementsAre("closing: Protocol"));
}

TEST(BrokerEcho, WhatIsNotPermittedIsAResult) {
  Harness harness(unlimited());
  const auto session = harness.client();
  const protocol::Address loopback(0, 0x7f000001, 0, protocol::Family::V4);
  const protocol::EchoSpec bad(3, loopback, protocol::Address(), 0, 0, 56, 64, 0, protocol::EchoFlags::NONE);
  harness.send(session, echo({echo_spec(1, 0x08080808), echo_spec(2)}));
  EXPECT_THAT(harness.told(session), ElementsAre("results, credit 257: 1=Refused"));
  harness.send(session, echo({bad}));
  EXPECT_THAT(harness.told(session), ElementsAre("results, credit 258: 3=SendFailed"));
  EXPECT_EQ(harness.sent().size(), 1U);
}

TEST(BrokerEcho, ALimitRefusesTheWholeMessageAndWhatFollowsUntilItIsTold) {
  BrokerConfig config = unlimited();
  config.settings.quotas.credits.user = 3;
  Harness harness(config);
  const auto session = harness.client();
  harness.send(session, echoes(1, 2));
  const auto before = harness.broker->statistics().used;
  harness.send(session, echoes(3, 2));
  harness.send(session, echoes(5, 1));
  EXPECT_EQ(harness.broker->statistics().used, before);
  EXPECT_THAT(harness.told(session),
              ElementsAre("refused 0: Limit, user credits 2 of 3, echoes 3 from 2", "results, credit 259:"));
  harness.send(session, echoes(6, 1));
  EXPECT_EQ(harness.sent().size(), 3U);
}

TEST(BrokerEcho, AClientThatDoesNotReadStopsWithinItsCredit) {
  Harness harness(unlimited());
  const auto session = harness.client();
  for (int i = 0; i < 2; ++i) harness.send(session, echoes(0, 128));
  const auto full = harness.broker->statistics().used;
  for (int i = 0; i < 4; ++i) {
    for (const auto& request : harness.sent()) harness.reply(request);
  }
  EXPECT_EQ(harness.broker->statistics().used, full);
  EXPECT_THAT(harness.sent(), IsEmpty());
}

TEST(BrokerEcho, UsersAreServedInTurnAndThenTheirClients) {
  Harness harness(unlimited());
  std::map<std::uint64_t, int> sent;
  const auto flooder = harness.client("1000");
  harness.send(flooder, echoes(1000, 128));
  const auto polite = harness.client("1001");
  harness.send(polite, echoes(2000, 16));
  const auto order = harness.sent(48);
  ASSERT_EQ(order.size(), 48U);
  harness.broker->on_dead(flooder, CloseReason::kProcessExit, harness.now);
  // The quantum is 8: the polite one's 16 left within the first 32.
  for (std::size_t i = 0; i < 32; ++i) harness.reply(order[i]);
  each_message(harness.output(polite), [&](const protocol::Message& message) {
    EXPECT_EQ(message.body_as_EchoResults()->results()->size(), 16U);
  });
}

TEST(BrokerEcho, BackloggedClientsGetEqualShares) {
  Harness harness(unlimited());
  constexpr std::size_t kClients = 10;
  std::vector<SessionId> clients;
  for (std::size_t i = 0; i < kClients; ++i) {
    clients.push_back(harness.client(i < 5 ? "1000" : std::to_string(1000 + i)));
    harness.send(clients.back(), echoes(0, 128));
    harness.send(clients.back(), echoes(128, 128));
  }
  // Of six users, one has five clients: shares are equal by user, and by client within the user.
  std::map<std::uint64_t, std::size_t> results;
  for (int turn = 0; turn < 12; ++turn) {
    for (const auto& request : harness.sent()) harness.reply(request);
  }
  std::vector<double> shares;
  for (std::size_t i = 0; i < kClients; ++i) {
    std::size_t count = 0;
    each_message(harness.output(clients[i]),
                 [&](const protocol::Message& message) { count += message.body_as_EchoResults()->results()->size(); });
    shares.push_back(static_cast<double>(count) * (i < 5 ? 5 : 1));
  }
  double sum = 0;
  double squares = 0;
  for (const double share : shares) {
    sum += share;
    squares += share * share;
  }
  EXPECT_GE(sum * sum / (static_cast<double>(kClients) * squares), 0.9) << "Jain's index";
}

TEST(BrokerEcho, AUserIsHeldToItsRate) {
  Harness harness;  // 10 packets a second
  const auto session = harness.client();
  harness.send(session, echoes(0, 40));
  EXPECT_EQ(harness.sent().size(), 10U);
  EXPECT_THAT(harness.sent(), IsEmpty());
  EXPECT_EQ(harness.broker->next_turn(), harness.now + 100ms);
  harness.now += 100ms;
  EXPECT_EQ(harness.sent().size(), 1U);
  harness.now += 1s;
  EXPECT_EQ(harness.sent().size(), 10U);
}

TEST(BrokerEcho, WhatHasNotLeftDiesWithItsClientAndTheRestComesBack) {
  Harness harness(unlimited());
  const auto session = harness.client();
  harness.send(session, echoes(0, 20));
  const auto sent = harness.sent(5);
  ASSERT_EQ(sent.size(), 5U);
  harness.reply(sent[0]);
  harness.broker->on_dead(session, CloseReason::kProcessExit, harness.now);
  EXPECT_THAT(harness.sent(), IsEmpty());
  EXPECT_EQ(harness.ended().size(), 1U);
  harness.settle();
  EXPECT_EQ(used(harness, Resource::kCredits), 4U);
  EXPECT_EQ(used(harness, Resource::kConnections), 0U);
  for (std::size_t i = 1; i < 5; ++i) harness.reply(sent[i]);
  harness.settle();
  for (std::size_t i = 0; i < kResources; ++i) EXPECT_EQ(harness.broker->statistics().used[i], 0U) << i;
}

}  // namespace
}  // namespace sounder::broker::testing
