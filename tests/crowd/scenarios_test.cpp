// The three scenarios of KB 2847346 against the real daemon, small: counts, memory and descriptors, no times.
// `scripts/bench broker` plays them in full. Their control is control_test.cpp.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "tests/crowd/messages.h"
#include "tests/crowd/raw_client.h"
#include "tests/crowd/scenarios.h"
#include "tests/support/require.h"

namespace sounder::crowd {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr std::array kEndings{Ending::kInFlight, Ending::kMidMessage, Ending::kUnspoken,
                              Ending::kHeir,     Ending::kInMessage,  Ending::kStopped};

class Scenarios : public ::testing::Test {
 protected:
  void SetUp() override {
    SOUNDER_SKIP_WITHOUT(testing::can_make_namespaces(), "needs root and iproute2 to make network namespaces");
  }

  BrokerDaemon& start(DaemonOptions options = {}) {
    daemon_ = std::make_unique<BrokerDaemon>(std::move(options));
    return *daemon_;
  }

  /// The daemon is none the worse for it.
  void TearDown() override {
    if (!daemon_) return;
    EXPECT_EQ(daemon_->daemon().scrape().sum("sounder_accounting_mismatches_total"), 0);
    EXPECT_EQ(daemon_->daemon().stop(), 0);
  }

  std::unique_ptr<BrokerDaemon> daemon_;
};

/// S1.
TEST_F(Scenarios, DeadClientsLeaveNothingHoweverTheyEnd) {
  BrokerDaemon& daemon = start({.credits = 1024});
  // What the daemon touches for the first time is there after a first crowd.
  touch_echo_places(daemon);
  play_dead_clients(daemon, {}, Ending::kInFlight);
  const Holdings before = daemon.holdings();
  for (const Ending ending : kEndings) {
    SCOPED_TRACE(to_string(ending));
    EXPECT_THAT(play_dead_clients(daemon, {}, ending).complaints, IsEmpty());
  }
  EXPECT_THAT(play_dead_clients(daemon, {.one_by_one = true}, Ending::kInFlight).complaints, IsEmpty());
  // Nothing adds up over the rounds either.
  const Holdings after = daemon.holdings();
  EXPECT_LE(after.process.resident, before.process.resident + (std::size_t{1} << 20U));
  EXPECT_EQ(after.descriptors, before.descriptors);
}

TEST_F(Scenarios, ADeadDaemonIsSeenByAllAndItsSuccessorTakesThem) {
  EXPECT_THAT(play_dead_daemon(start(), 40, 300).complaints, IsEmpty());
}

/// S2.
TEST_F(Scenarios, AFloodIsPaidForBeforehand) {
  EXPECT_THAT(play_flood(start({.credits = 1024}), {}).complaints, IsEmpty());
}

/// S3.
TEST_F(Scenarios, UncancelledWatchesGoWithoutAnyEvent) {
  BrokerDaemon& daemon = start();
  play_uncancelled(daemon, {});
  EXPECT_THAT(play_uncancelled(daemon, {}).complaints, IsEmpty());
}

TEST_F(Scenarios, StoppedWatchersCostNothingAndMissNothing) {
  const Findings findings = play_stopped_watchers(start(), {});
  EXPECT_THAT(findings.complaints, IsEmpty());
  EXPECT_GT(findings.figure("missed"), 0) << "more changes than the ring holds, and nobody missed one";
}

TEST_F(Scenarios, ManyWatchesOfAClientAreToldOnce) {
  EXPECT_THAT(play_many_watches(start(), 1000, 4000).complaints, IsEmpty());
}

/// The kernel drops notices that the daemon has no room for, and whoever watches ends with the right table all the
/// same.
TEST_F(Scenarios, AnOverrunLosesCountAndNotTheTable) {
  const Findings findings = play_stopped_watchers(start(), {.changes = 40'000, .pace = StoppedWatchers::Pace::kAsleep});
  EXPECT_THAT(findings.complaints, IsEmpty());
  EXPECT_GT(findings.figure("overruns"), 0);
}

class DefaultLimits : public Scenarios {
 protected:
  /// A line of its own, so that nothing is raised.
  BrokerDaemon& start_as_shipped() { return start({.broker = "\n  enabled: true\n"}); }
};

TEST_F(DefaultLimits, RefuseOneRegistrationTooManyAndChangeNothing) {
  BrokerDaemon& daemon = start_as_shipped();
  RawClient client(daemon.socket());
  client.greet("greedy");
  for (int i = 0; i < 64; ++i) {
    client.send(watches(1024, protocol::ObjectKinds::Interface, protocol::WatchMode::Edge));
    client.expect<protocol::Registered>();
  }
  const Holdings full = daemon.holdings();
  EXPECT_EQ(full.registrations, 65'536U);
  client.send(watches(1, protocol::ObjectKinds::Interface, protocol::WatchMode::Edge));
  const protocol::Message* answer = client.next(RawClient::kHang);
  ASSERT_NE(answer, nullptr);
  const protocol::Refused* refused = answer->body_as_Refused();
  ASSERT_NE(refused, nullptr);
  EXPECT_EQ(refused->code(), protocol::RefusalCode::Limit);
  EXPECT_EQ(refused->limit()->str(), "client registrations");
  EXPECT_EQ(refused->maximum(), 65'536U);
  EXPECT_EQ(refused->used(), 65'536U);
  const Holdings after = daemon.holdings();
  EXPECT_EQ(after.registrations, full.registrations);
  EXPECT_EQ(after.bytes, full.bytes);
}

TEST_F(DefaultLimits, KeepOneConnectionTooManyOutAndNobodyElse) {
  BrokerDaemon& daemon = start_as_shipped();
  std::vector<RawClient> clients;
  for (int i = 0; i < 256; ++i) clients.emplace_back(daemon.socket()).greet("one of many");
  RawClient one_more(daemon.socket());
  EXPECT_THROW(one_more.greet("one more"), std::runtime_error);
  for (RawClient& client : clients) {
    client.send(ping(1));
    client.expect<protocol::Pong>();
  }
  EXPECT_EQ(daemon.holdings().clients, 256U);
}

TEST_F(DefaultLimits, EndWhoeverSendsBeyondItsCredit) {
  BrokerDaemon& daemon = start_as_shipped();
  RawClient client(daemon.socket());
  ASSERT_EQ(client.greet("greedy").credit_limit(), 256U);
  std::vector<protocol::EchoSpec> requests;
  for (std::uint64_t i = 0; i < 86; ++i) requests.push_back(echo_to(kSilent, i, 60'000'000));
  for (int i = 0; i < 3; ++i) client.send(echoes(requests));
  EXPECT_THROW(client.expect<protocol::Pong>(), std::runtime_error);
  EXPECT_TRUE(daemon.wait_until([](const Holdings& now) { return now.clients == 0; }, RawClient::kHang));
}

}  // namespace
}  // namespace sounder::crowd
