// The broker's smaller parts by themselves.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "engine/broker/credit.h"
#include "engine/broker/fair_queue.h"
#include "engine/broker/level_pass.h"
#include "engine/broker/limits.h"
#include "engine/broker/monitor.h"
#include "engine/broker/policy.h"
#include "engine/broker/token_bucket.h"

namespace sounder::broker {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;

constexpr base::MonoTime kNow{std::chrono::seconds(100)};

// ---- Token bucket ----

TEST(TokenBucket, GivesItsBurstAndThenItsRate) {
  TokenBucket bucket(10, 3);
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(bucket.ready(kNow));
    bucket.take(kNow);
  }
  EXPECT_FALSE(bucket.ready(kNow));
  EXPECT_EQ(bucket.ready_at(), kNow + 100ms);
  bucket.take(kNow + 100ms);
  EXPECT_EQ(bucket.ready_at(), kNow + 200ms);
}

TEST(TokenBucket, NeverGivesMoreThanItsRate) {
  TokenBucket bucket(300'000, 1);
  std::size_t taken = 0;
  for (base::MonoTime now = kNow; now < kNow + 1s; now = bucket.ready_at(), ++taken) bucket.take(now);
  EXPECT_LE(taken, 300'000U);
  EXPECT_GE(taken, 299'000U);
}

TEST(TokenBucket, OfRateZeroIsNeverReady) {
  const TokenBucket bucket(0, 5);
  EXPECT_FALSE(bucket.ready(base::MonoTime::max() - 1ns));
  EXPECT_EQ(bucket.ready_at(), base::MonoTime::max());
}

// ---- Credit ----

TEST(Credit, IsASerialNumber) {
  for (const std::uint32_t first : {0U, 0x7fffffffU, 0xfffffff0U, 0xffffffffU}) {
    Credit credit(16, first);
    std::uint32_t sent = 0;
    for (int i = 0; i < 10; ++i) {
      EXPECT_TRUE(credit.take(9));
      EXPECT_FALSE(credit.take(8));
      EXPECT_TRUE(credit.take(7));
      EXPECT_FALSE(credit.take(1));
      sent += 16;
      credit.give_back(16);
      EXPECT_TRUE(credit.is_untold());
      EXPECT_FALSE(credit.take(1)) << "the client can't know yet";
      EXPECT_EQ(credit.tell(), first + sent + 16);
      EXPECT_EQ(credit.requests(), first + sent);
    }
  }
}

// ---- Fair queue ----

struct Flow : FairClient {
  explicit Flow(FairUser& user) { fair_user = &user; }
  int sent = 0;
};

void send(FairQueue& queue, int packets, base::MonoTime now = kNow) {
  for (int i = 0; i < packets; ++i) {
    FairClient* client = queue.front(now);
    ASSERT_NE(client, nullptr);
    ++static_cast<Flow*>(client)->sent;
    queue.sent(*client, now);
  }
}

TEST(FairQueue, ServesUsersThenTheirClients) {
  FairQueue queue;
  FairUser one;
  FairUser two;
  Flow a(one);
  Flow b(one);
  Flow c(two);
  for (Flow* flow : {&a, &b, &c}) queue.add(*flow);
  send(queue, 400);
  EXPECT_NEAR(c.sent, 200, kQuantum);
  EXPECT_NEAR(a.sent, 100, kQuantum);
  EXPECT_NEAR(b.sent, 100, kQuantum);
}

TEST(FairQueue, JainsIndexOfEqualClientsIsNearOne) {
  FairQueue queue;
  std::vector<FairUser> users(20);
  std::vector<std::unique_ptr<Flow>> flows;
  for (auto& user : users) {
    flows.push_back(std::make_unique<Flow>(user));
    queue.add(*flows.back());
  }
  send(queue, 10'000);
  double sum = 0;
  double squares = 0;
  for (const auto& flow : flows) {
    sum += flow->sent;
    squares += static_cast<double>(flow->sent) * flow->sent;
  }
  EXPECT_GE(sum * sum / (20 * squares), 0.99);
}

TEST(FairQueue, ANewClientWaitsAtMostOneRound) {
  FairQueue queue;
  std::vector<FairUser> users(10);
  std::vector<std::unique_ptr<Flow>> flows;
  for (auto& user : users) flows.push_back(std::make_unique<Flow>(user));
  for (std::size_t i = 0; i < 9; ++i) queue.add(*flows[i]);
  send(queue, 13);
  queue.add(*flows[9]);
  send(queue, static_cast<int>(9 * kQuantum));
  send(queue, 1);
  EXPECT_GE(flows[9]->sent, 1);
}

TEST(FairQueue, AUserBeyondItsRateStandsAside) {
  FairQueue queue;
  FairUser slow;
  slow.limited = true;
  slow.bucket.set(10, 1);
  FairUser fast;
  Flow a(slow);
  Flow b(fast);
  queue.add(a);
  queue.add(b);
  send(queue, 50);
  EXPECT_EQ(a.sent, 1);
  queue.remove(b);
  EXPECT_EQ(queue.front(kNow), nullptr);
  EXPECT_EQ(queue.next(), kNow + 100ms);
  send(queue, 1, kNow + 100ms);
  EXPECT_EQ(a.sent, 2);
  queue.remove(a);
  EXPECT_EQ(queue.next(), base::MonoTime::max());
}

// ---- Policy ----

TEST(Policy, TheFirstRuleThatFitsDecides) {
  Policy policy;
  policy.rules.push_back({.user = "7", .group = "", .rights = {.echo = false}});
  policy.rules.push_back({.user = "", .group = "wheel", .rights = {.anywhere = true}});
  const std::array<std::string, 2> groups{"users", "wheel"};
  EXPECT_FALSE(rights_of(policy, "7", groups, false).echo);
  EXPECT_TRUE(rights_of(policy, "8", groups, false).anywhere);
  EXPECT_EQ(rights_of(policy, "8", {}, true), policy.administrators);
  EXPECT_EQ(rights_of(policy, "8", {}, false), policy.everybody);
}

// ---- Level pass ----

net::Update route(std::uint32_t metric, bool gone = false) {
  net::Route route;
  route.metric = metric;
  return {gone ? net::Update::Kind::kGone : net::Update::Kind::kPresent, route};
}

/// "begin 1 2 -3 end", of one message of at most `most` changes.
std::string message(LevelPass& pass, const net::ChangeList& list, std::size_t most = 100) {
  std::string text = pass.enter(list) ? "begin" : "";
  std::size_t steps = 1000;
  while (most-- > 0) {
    const auto* change = pass.next(list, 7, steps);
    if (change == nullptr) break;
    const auto& object = std::get<net::Route>(change->update.object);
    text += (change->update.kind == net::Update::Kind::kGone ? " -" : " ") + std::to_string(object.metric);
  }
  return text + (pass.leave(list) ? " end" : "");
}

TEST(LevelPass, LeavesOutWhatHadGoneUnlessAnOlderWatchMustKnow) {
  net::ChangeList list(10);
  for (std::uint32_t i = 1; i <= 3; ++i) list.on_change(route(i));
  list.on_change(route(1, true));
  LevelPass pass;
  EXPECT_FALSE(pass.pending(list));
  pass.begin();
  EXPECT_EQ(message(pass, list), "begin 2 3 end");
  EXPECT_EQ(pass.floor(), LevelPass::kNoFloor);
  EXPECT_FALSE(pass.pending(list));
  list.on_change(route(2, true));
  EXPECT_TRUE(pass.pending(list));
  pass.begin();
  EXPECT_EQ(message(pass, list), "begin 3 -2 end");
  EXPECT_EQ(pass.floor(), 4U);
}

TEST(LevelPass, TellsOfWhatWentWhileItWasUnderWay) {
  net::ChangeList list(10);
  for (std::uint32_t i = 1; i <= 3; ++i) list.on_change(route(i));
  LevelPass pass;
  pass.begin();
  EXPECT_EQ(message(pass, list, 1), "begin 1");
  list.on_change(route(1, true));
  EXPECT_EQ(message(pass, list), " 2 3 -1 end");
}

TEST(LevelPass, BeginsAnewWhenADeletionIsForgottenThatItHadToTell) {
  net::ChangeList list(1);
  for (std::uint32_t i = 1; i <= 4; ++i) list.on_change(route(i));
  LevelPass pass;
  pass.begin();
  EXPECT_EQ(message(pass, list, 2), "begin 1 2");
  list.on_change(route(1, true));
  list.on_change(route(2, true));
  EXPECT_EQ(message(pass, list), "begin 3 4 end");
  list.on_change(route(3, true));
  list.on_change(route(4, true));
  EXPECT_EQ(message(pass, list), "begin end");
}

// ---- Monitor ----

struct MonitorTest : ::testing::Test {
  MonitorTest() {
    for (std::size_t i = 0; i < slots.size(); ++i) slots[i].next = &slots[(i + 1) % slots.size()];
    monitor.keep = 3;
    monitor.interval = 10ms;
    monitor.due = kNow;
    monitor.oldest = monitor.free = slots.data();
  }
  ~MonitorTest() override {
    std::uint64_t outcomes = 0;
    for (const auto count : monitor.totals.outcomes) outcomes += count;
    EXPECT_EQ(monitor.totals.due, outcomes + monitor.in_flight);
  }
  void reply(base::Duration rtt) {
    MonitorRecord record;
    record.kind = probe::OutcomeKind::kReply;
    record.rtt = rtt;
    monitor.record(record);
  }
  std::array<RecordSlot, 3> slots;
  Monitor monitor;
};

TEST_F(MonitorTest, AfterAStallOneLeavesAndTheOthersSlip) {
  EXPECT_TRUE(monitor.come_due(kNow + 35ms));
  EXPECT_EQ(monitor.totals.due, 4U);
  EXPECT_EQ(monitor.due, kNow + 40ms);
  ASSERT_EQ(monitor.kept, 1);
  EXPECT_EQ(monitor.oldest->record.count, 3U);
  EXPECT_EQ(monitor.in_flight, 1U);
}

TEST_F(MonitorTest, KeepsTheLatestAndCountsTheOthersExactly) {
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(monitor.come_due(monitor.due));
    reply(std::chrono::milliseconds(i));
  }
  EXPECT_EQ(monitor.missed(), 2U);
  EXPECT_EQ(monitor.first_number(), 2U);
  EXPECT_EQ(monitor.oldest->record.rtt, 2ms);
  monitor.tell_all();
  EXPECT_EQ(monitor.missed(), 0U);
  EXPECT_EQ(monitor.kept, 0);
}

TEST_F(MonitorTest, TotalsHaveTheExtremesAndTheJitter) {
  for (const auto rtt : {10ms, 26ms, 10ms}) {
    ASSERT_TRUE(monitor.come_due(monitor.due));
    reply(rtt);
  }
  EXPECT_EQ(monitor.totals.rtt_min, 10ms);
  EXPECT_EQ(monitor.totals.rtt_max, 26ms);
  EXPECT_EQ(monitor.totals.rtt_sum, 46ms);
  EXPECT_EQ(monitor.totals.jitter, 1'937'500ns);  // RFC 3550: J += (|D| - J) / 16, twice
}

}  // namespace
}  // namespace sounder::broker
