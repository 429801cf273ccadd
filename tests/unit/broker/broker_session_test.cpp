// Sessions and requests as transcripts: what a client sends, then exactly what it is told.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/broker/limits.h"
#include "tests/support/broker_harness.h"

namespace sounder::broker::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

BrokerConfig with(const Quotas& quotas) {
  BrokerConfig config;
  config.settings.quotas = quotas;
  return config;
}

CloseReason only_end(Harness& harness) {
  const auto ended = harness.ended();
  EXPECT_EQ(ended.size(), 1U);
  return ended.empty() ? CloseReason::kEndOfStream : ended[0].reason;
}

TEST(BrokerSession, HelloIsWelcomed) {
  Harness harness;
  const auto session = harness.connect().value();
  EXPECT_EQ(harness.broker->next_ready(), std::nullopt);
  harness.send(session, hello());
  EXPECT_EQ(harness.broker->next_ready(), session);
  EXPECT_EQ(harness.broker->next_ready(), std::nullopt);
  EXPECT_THAT(harness.told(session), ElementsAre("welcome, credit 256"));
  EXPECT_EQ(harness.broker->statistics().clients, 1U);
}

TEST(BrokerSession, OfAnotherVersionIsRefusedAndEnded) {
  Harness harness;
  const auto session = harness.connect().value();
  harness.send(session, hello(2, 3));
  EXPECT_EQ(only_end(harness), CloseReason::kRefused);
  EXPECT_THAT(harness.told(session),
              ElementsAre("refused 0: Version, this daemon speaks version 1", "closing: Refused"));
}

TEST(BrokerSession, SaysHelloFirstAndOnce) {
  Harness harness;
  const auto early = harness.connect().value();
  harness.send(early, ping(1));
  EXPECT_THAT(harness.told(early), ElementsAre("closing: Protocol"));
  const auto twice = harness.client();
  harness.send(twice, hello());
  EXPECT_THAT(harness.told(twice), ElementsAre("closing: Protocol"));
  EXPECT_EQ(harness.broker->statistics().closed[static_cast<std::size_t>(CloseReason::kProtocol)], 2U);
}

TEST(BrokerSession, PingIsAnsweredInOrder) {
  Harness harness;
  const auto session = harness.client();
  harness.send(session, ping(1));
  harness.send(session, ping(2));
  EXPECT_THAT(harness.told(session), ElementsAre("pong 1", "pong 2"));
  EXPECT_THAT(harness.told(session), IsEmpty());
}

TEST(BrokerSession, OneThatAsksAndDoesNotReadIsEnded) {
  Harness harness;
  const auto session = harness.client();
  const auto before = harness.broker->statistics().used;
  for (std::size_t i = 0; i < kMaxUnanswered; ++i) harness.send(session, ping(i));
  EXPECT_EQ(harness.broker->statistics().used, before);
  EXPECT_THAT(harness.ended(), IsEmpty());
  harness.send(session, ping(99));
  EXPECT_EQ(only_end(harness), CloseReason::kProtocol);
}

TEST(BrokerSession, LaterMessagesAreRefusedUnlessOptional) {
  Harness harness;
  const auto session = harness.client();
  harness.send(session, unknown(true));
  harness.send(session, unknown(false));
  EXPECT_THAT(harness.told(session), ElementsAre("refused 0: UnknownMessage, a message of a later version"));
}

TEST(BrokerSession, GarbageAndWhatIsTooLongEndIt) {
  Harness harness;
  const auto session = harness.client();
  harness.send(session, Bytes(12, std::byte{0}));
  EXPECT_THAT(harness.told(session), ElementsAre("closing: Protocol"));
  const auto other = harness.client();
  harness.send(other, Bytes(4, std::byte{0x7f}));
  EXPECT_THAT(harness.told(other), ElementsAre("closing: Protocol"));
}

TEST(BrokerSession, HandshakesAndMessagesHaveDeadlines) {
  Harness harness;
  const auto silent = harness.connect().value();
  const auto halfway = harness.client();
  const auto whole = ping(5);
  harness.send(halfway, Bytes(whole.begin(), whole.begin() + 9));
  EXPECT_EQ(harness.broker->next_turn(), harness.now + kHandshakeTime);
  harness.now += kHandshakeTime;
  harness.broker->turn(harness.now);
  EXPECT_THAT(harness.told(silent), ElementsAre("closing: HandshakeTimeout"));
  harness.now += kFrameTime - kHandshakeTime - 1ns;
  harness.settle();
  EXPECT_EQ(only_end(harness), CloseReason::kHandshakeTimeout);
  harness.now += 1ns;
  harness.broker->turn(harness.now);
  EXPECT_THAT(harness.told(halfway), ElementsAre("closing: FrameTimeout"));
}

TEST(BrokerSession, AMessageInPiecesIsOne) {
  Harness harness;
  const auto session = harness.client();
  const auto idle = harness.broker->statistics().used;
  for (const auto byte : ping(77)) harness.send(session, Bytes{byte});
  EXPECT_THAT(harness.told(session), ElementsAre("pong 77"));
  harness.send(session, ping(78));
  EXPECT_THAT(harness.told(session), ElementsAre("pong 78"));
  EXPECT_EQ(harness.broker->statistics().used, idle);
  EXPECT_EQ(harness.broker->next_turn(), base::MonoTime::max());
}

TEST(BrokerSession, BeyondTheConnectionsOfAUserNobodyIsLetIn) {
  Quotas quotas;
  quotas.connections.user = 1;
  Harness harness(with(quotas));
  const auto first = harness.connect("1000");
  EXPECT_TRUE(first.has_value());
  EXPECT_FALSE(harness.connect("1000").has_value());
  EXPECT_TRUE(harness.connect("1001").has_value());
  const auto& refusals = harness.broker->statistics().refusals;
  EXPECT_EQ(refusals[static_cast<std::size_t>(Level::kUser)][static_cast<std::size_t>(Resource::kConnections)], 1U);
  // Its place is free again when its stream has been given to be closed.
  harness.broker->on_dead(*first, CloseReason::kEndOfStream, harness.now);
  harness.settle();
  EXPECT_FALSE(harness.connect("1000").has_value());
  EXPECT_EQ(harness.ended().size(), 1U);
  EXPECT_TRUE(harness.connect("1000").has_value());
}

TEST(BrokerSession, AnAdministratorStillFindsAPlace) {
  Quotas quotas;
  quotas.connections = {1, 256, 100};
  quotas.handshakes = {1, 256, 256};
  Harness harness(with(quotas));
  for (int i = 0; i < 98; ++i) EXPECT_TRUE(harness.connect("1000").has_value());
  EXPECT_FALSE(harness.connect("1001").has_value());
  EXPECT_TRUE(harness.connect("0", true).has_value());
}

TEST(BrokerSession, ThePolicyDecidesWhoConnects) {
  BrokerConfig config;
  config.settings.policy.rules.push_back({.user = "", .group = "100", .rights = {.connect = false}});
  Harness harness(config);
  EXPECT_FALSE(harness.connect().has_value());
  EXPECT_EQ(harness.broker->statistics().not_permitted, 1U);
}

TEST(BrokerSession, IdleItHoldsLessThanAKibibyte) {
  Harness harness;
  const auto before = harness.broker->statistics().used[static_cast<std::size_t>(Resource::kBytes)];
  static_cast<void>(harness.client());
  const auto first = harness.broker->statistics().used[static_cast<std::size_t>(Resource::kBytes)];
  static_cast<void>(harness.client());
  const auto second = harness.broker->statistics().used[static_cast<std::size_t>(Resource::kBytes)];
  EXPECT_LE(second - first, 1024U);
  EXPECT_LE(first - before, 2048U);  // with its user
}

TEST(BrokerSession, WhoHoldsMostIsKnownByLevel) {
  Harness harness;
  const auto held = [&](Level level) {
    return harness.broker
        ->most_charged()[static_cast<std::size_t>(level)][static_cast<std::size_t>(Resource::kRegistrations)];
  };
  EXPECT_EQ(held(Level::kClient), 0U);
  harness.send(harness.client("1000"), want(1, Wanted().level(7, 5)));
  harness.send(harness.client("1001"), want(1, Wanted().level(7, 3)));
  const auto third = harness.client("1001");
  harness.send(third, want(1, Wanted().level(7, 4)));
  EXPECT_EQ(held(Level::kClient), 5U);
  EXPECT_EQ(held(Level::kUser), 7U);
  EXPECT_EQ(held(Level::kBroker), 12U);
  harness.broker->on_dead(third, CloseReason::kEndOfStream, harness.now);
  harness.settle();
  EXPECT_EQ(held(Level::kUser), 5U);
  EXPECT_EQ(held(Level::kBroker), 8U);
  EXPECT_EQ(harness.broker->most_charged()[static_cast<std::size_t>(Level::kBroker)],
            harness.broker->statistics().used);
}

TEST(BrokerSession, InspectShowsOnesOwnAndAllToAnAdministrator) {
  Harness harness;
  const auto mine = harness.client("1000");
  const auto other = harness.client("1001");
  const auto root = harness.client("0", true);
  harness.send(other, want(1, Wanted().level(7).edge(1)));
  static_cast<void>(harness.told(other));
  harness.send(mine, inspect(5, 0));
  EXPECT_THAT(harness.told(mine), ElementsAre("sessions 5: 1000/test w0 m0 o0 last"));
  harness.send(root, inspect(6, 0));
  EXPECT_THAT(harness.told(root),
              ElementsAre("sessions 6: 1000/test w0 m0 o0 1001/test w2 m0 o0 0/test w0 m0 o0 last"));
  harness.send(root, inspect(7, other.value()));
  EXPECT_THAT(harness.told(root), ElementsAre("sessions 7: 0/test w0 m0 o0 last"));
}

TEST(BrokerSession, ManyAreInspectedInPages) {
  Harness harness;
  const auto root = harness.client("0", true);
  for (int i = 0; i < 40; ++i) static_cast<void>(harness.client());
  std::size_t seen = 0;
  std::uint64_t after = 0;
  bool last = false;
  for (int page = 0; !last && page < 10; ++page) {
    harness.send(root, inspect(1, after));
    each_message(harness.output(root), [&](const protocol::Message& message) {
      const auto& sessions = *message.body_as_Sessions();
      seen += sessions.sessions()->size();
      for (const auto* info : *sessions.sessions()) after = info->session();
      last = sessions.last();
    });
  }
  EXPECT_TRUE(last);
  EXPECT_EQ(seen, 41U);
}

TEST(BrokerSession, AFullStreamParksItAndNothingIsMadeForIt) {
  Harness harness;
  const auto session = harness.client();
  harness.send(session, ping(1));
  EXPECT_EQ(harness.broker->next_ready(), session);
  harness.broker->on_blocked(session, harness.now);
  EXPECT_EQ(harness.broker->statistics().parked, 1U);
  harness.send(session, ping(2));
  EXPECT_EQ(harness.broker->next_ready(), std::nullopt);
  harness.broker->on_writable(session, harness.now);
  EXPECT_EQ(harness.broker->statistics().parked, 0U);
  EXPECT_EQ(harness.broker->next_ready(), session);
  EXPECT_THAT(harness.told(session), ElementsAre("pong 1", "pong 2"));
}

TEST(BrokerSession, OfAnEndedDaemonIsToldSo) {
  Harness harness;
  const auto session = harness.client();
  harness.broker->shut_down(harness.now);
  EXPECT_EQ(only_end(harness), CloseReason::kShutdown);
  EXPECT_THAT(harness.told(session), ElementsAre("closing: Shutdown"));
}

}  // namespace
}  // namespace sounder::broker::testing
