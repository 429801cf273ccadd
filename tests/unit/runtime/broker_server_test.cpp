#include "engine/runtime/broker_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "engine/base/log.h"
#include "tests/support/broker_wire.h"
#include "tests/support/simulated_local.h"
#include "tests/unit/runtime/fakes.h"

namespace sounder::runtime {
namespace {

using protocol::Body;
using sounder::testing::Frame;
using sounder::testing::FrameCutter;
using sounder::testing::SimulatedMachine;
using ::testing::SizeIs;

constexpr std::uint32_t kConfigured = 0x7f000001;

/// A process with one connection.
struct Client {
  SimulatedMachine::Process process = 0;
  std::unique_ptr<io::LocalStream> stream;
  FrameCutter cutter;
  std::deque<Frame> frames;
  bool ended = false;
  bool reading = true;

  void send(const Frame& frame) { ASSERT_EQ(stream->write(frame.bytes()), frame.bytes().size()); }
};

class BrokerServerTest : public ::testing::Test {
 protected:
  explicit BrokerServerTest(const sounder::testing::LocalFaults& faults = {}) : machine_(7, faults) {
    auto listener = machine_.listen(machine_.start("0", "0", true), "broker");
    server_.emplace(BrokerServerContext{
        .service = service_,
        .clock = clock_,
        .log = log_,
        .network = network_,
        .config = {},
        .memory = *std::pmr::new_delete_resource(),
        .listener = std::move(*listener),
        .is_configured = [](const base::IpAddress& address) { return address == base::IpAddress::v4(kConfigured); },
        .request =
            [this](const probe::EchoRequest& request) {
              if (requests_.size() == room_) return false;
              requests_.push_back(request);
              return true;
            },
        .follow_outcomes = [this](bool wanted) { followed_.push_back(wanted); }});
    server_->start();
  }

  std::unique_ptr<Client> connect(const char* user = "1000") {
    auto client = std::make_unique<Client>();
    client->process = machine_.start(user, user);
    client->stream = std::move(*machine_.connect(client->process, "broker"));
    io::LocalStream::Handlers handlers;
    handlers.bytes = [c = client.get()](std::span<const std::byte> bytes) {
      c->cutter.feed(bytes);
      while (auto frame = c->cutter.next()) c->frames.push_back(std::move(*frame));
    };
    handlers.ended = [c = client.get()](io::StreamEnd) { c->ended = true; };
    client->stream->start(std::move(handlers));
    client->send(sounder::testing::hello());
    settle();
    return client;
  }
  /// Everything that can happen without time passing.
  void settle() {
    bool more = true;
    while (more) {
      more = machine_.run_one();
      service_.restart();
      more = service_.poll() != 0 || more;
    }
  }
  [[nodiscard]] const broker::Statistics& numbers() const { return server_->statistics(); }
  [[nodiscard]] std::uint64_t registrations() const {
    std::uint64_t all = 0;
    for (const std::uint64_t count : numbers().registrations) all += count;
    return all;
  }
  void answer_all() {
    for (const probe::EchoRequest& request : std::exchange(requests_, {})) {
      probe::EchoResult result;
      result.ticket = request.ticket;
      result.kind = probe::OutcomeKind::kReply;
      server_->on_echo(result);
    }
    settle();
  }

  SimulatedMachine machine_;
  boost::asio::io_context service_;
  testing::ManualClock clock_;
  testing::MemoryLogger log_;
  net::ChangeList network_;
  std::size_t room_ = 1000;
  std::vector<probe::EchoRequest> requests_;
  std::vector<bool> followed_;
  std::optional<BrokerServer> server_;
};

TEST_F(BrokerServerTest, WelcomesAndHandsEchoesToTheProbeLoop) {
  const auto client = connect();
  ASSERT_THAT(client->frames, SizeIs(1));
  EXPECT_EQ(client->frames[0].type(), Body::Welcome);
  client->send(sounder::testing::echo(42, kConfigured));
  settle();
  ASSERT_THAT(requests_, SizeIs(1));
  EXPECT_EQ(requests_[0].address, base::IpAddress::v4(kConfigured));
  answer_all();
  const auto* results = client->frames.back().as<protocol::EchoResults>();
  ASSERT_NE(results, nullptr);
  EXPECT_EQ(results->results()->Get(0)->token(), 42U);
}

class WithoutProcessWatch : public BrokerServerTest {
 protected:
  WithoutProcessWatch() : BrokerServerTest({.unwatchable = true}) {}
};

TEST_F(WithoutProcessWatch, TheEndOfTheStreamTellsOfADeathAndThatIsCounted) {
  const auto client = connect();
  EXPECT_EQ(server_->numbers().unwatched, 1U);
  client->send(sounder::testing::watches(1, 30, protocol::WatchMode::Edge));
  settle();
  EXPECT_EQ(registrations(), 30U);
  machine_.kill(client->process);
  settle();
  EXPECT_EQ(registrations(), 0U);
  EXPECT_EQ(numbers().clients, 0U);
  EXPECT_EQ(numbers().closed[static_cast<std::size_t>(broker::CloseReason::kEndOfStream)], 1U);
}

TEST_F(BrokerServerTest, WhatIsNotConfiguredIsRefusedWithoutAProbe) {
  const auto client = connect();
  client->send(sounder::testing::echo(1, 0x0a000001));
  settle();
  EXPECT_TRUE(requests_.empty());
  const auto* results = client->frames.back().as<protocol::EchoResults>();
  ASSERT_NE(results, nullptr);
  EXPECT_EQ(results->results()->Get(0)->kind(), protocol::OutcomeKind::Refused);
}

TEST_F(BrokerServerTest, APeerThatDiesGivesEverythingBackWhicheverWitnessComesFirst) {
  const auto client = connect();
  client->send(sounder::testing::watches(1, 300, protocol::WatchMode::Edge));
  client->send(sounder::testing::echo(1, kConfigured));
  settle();
  EXPECT_EQ(registrations(), 300U);
  machine_.kill(client->process);
  settle();
  EXPECT_EQ(registrations(), 0U);
  EXPECT_EQ(numbers().clients, 0U);
  answer_all();
  EXPECT_THAT(numbers().used, ::testing::Each(0U));
  EXPECT_EQ(numbers().self_check, 0);
}

/// A child that inherited the connection keeps its stream open.
TEST_F(BrokerServerTest, AnInheritedStreamHidesNoDeath) {
  const auto client = connect();
  client->send(sounder::testing::watches(1, 3, protocol::WatchMode::Level));
  settle();
  const auto child = machine_.start("1000", "1000");
  machine_.share(client->process, child);
  machine_.kill(client->process);
  settle();
  EXPECT_EQ(registrations(), 0U);
  EXPECT_EQ(numbers().closed[static_cast<std::size_t>(broker::CloseReason::kProcessExit)], 1U);
}

TEST_F(BrokerServerTest, WhenTheProbeLoopIsFullRequestsWaitAndNoneIsLost) {
  room_ = 3;
  const auto client = connect("0");
  for (std::uint64_t token = 0; token < 10; ++token) client->send(sounder::testing::echo(token, kConfigured));
  settle();
  EXPECT_THAT(requests_, SizeIs(3));
  std::size_t results = 0;
  for (int round = 0; round < 20 && results < 10; ++round) {
    answer_all();
    clock_.advance(std::chrono::milliseconds(200));
    server_->on_network(false);
    settle();
    results = 0;
    for (const Frame& frame : client->frames) {
      if (const auto* some = frame.as<protocol::EchoResults>())
        results += some->results() ? some->results()->size() : 0;
    }
  }
  EXPECT_EQ(results, 10U);
}

TEST_F(BrokerServerTest, OutcomesAreFetchedOnlyWhileSomebodyFollows) {
  EXPECT_TRUE(followed_.empty());
  const auto client = connect();
  client->send(sounder::testing::outcomes_of_all(1));
  settle();
  EXPECT_EQ(followed_, std::vector<bool>{true});
  machine_.kill(client->process);
  settle();
  EXPECT_EQ(followed_, (std::vector<bool>{true, false}));
}

TEST_F(BrokerServerTest, LostOutcomesAreAGapAndNoSilence) {
  const auto client = connect();
  client->send(sounder::testing::outcomes_of_all(1));
  settle();
  auto info = std::make_shared<probe::TargetInfo>();
  info->group = std::make_shared<const std::string>("g");
  info->target = "t";
  info->address = "127.0.0.1";
  server_->on_outcome(info, {});
  settle();
  server_->on_outcomes_lost();
  server_->on_outcome(info, {});
  settle();
  std::vector<std::uint64_t> missed;
  for (const Frame& frame : client->frames) {
    if (const auto* outcomes = frame.as<protocol::Outcomes>()) missed.push_back(outcomes->missed());
  }
  EXPECT_EQ(missed, (std::vector<std::uint64_t>{0, ~std::uint64_t{0}}));
}

TEST_F(BrokerServerTest, ItsEndTellsTheClientsAndGivesTheNameBack) {
  const auto client = connect();
  server_->stop();
  settle();
  const auto* closing = client->frames.back().as<protocol::Closing>();
  ASSERT_NE(closing, nullptr);
  EXPECT_EQ(closing->reason(), protocol::CloseReason::Shutdown);
  EXPECT_TRUE(client->ended);
  server_.reset();
  EXPECT_TRUE(machine_.listen(machine_.start("0", "0"), "broker").has_value());
}

TEST_F(BrokerServerTest, MayEndWhileEchoesAreOutAndClientsDoNotRead) {
  const auto client = connect();
  client->send(sounder::testing::watches(1, 100, protocol::WatchMode::Edge));
  client->send(sounder::testing::echo(1, kConfigured));
  settle();
  EXPECT_THAT(requests_, SizeIs(1));
  const auto gone = connect();
  gone->send(sounder::testing::echo(2, kConfigured));
  settle();
  machine_.kill(gone->process);
  settle();
  server_.reset();
}

TEST_F(BrokerServerTest, AThousandClientsThatComeAtOnceAreAllServed) {
  broker::Settings settings;
  settings.quotas.connections.user = 2000;
  settings.quotas.handshakes = {1, 2000, 2000};
  server_->configure(settings);
  std::vector<std::unique_ptr<Client>> clients;
  for (int i = 0; i < 1000; ++i) clients.push_back(connect());
  for (const auto& client : clients) EXPECT_EQ(client->frames.at(0).type(), Body::Welcome);
  for (const auto& client : clients) machine_.kill(client->process);
  settle();
  EXPECT_EQ(numbers().clients, 0U);
  EXPECT_THAT(numbers().used, ::testing::Each(0U));
}

}  // namespace
}  // namespace sounder::runtime
