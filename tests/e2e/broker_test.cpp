// The real daemon's broker and clients that speak its protocol bare.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "tests/e2e/program.h"
#include "tests/support/broker_connection.h"
#include "tests/support/daemon.h"
#include "tests/support/require.h"

namespace sounder::testing {
namespace {

using protocol::Body;
using ::testing::HasSubstr;

constexpr const char* kConfig = "defaults: {interval: 50ms}\ngroups: [{name: lo, targets: [127.0.0.1]}]\n";
constexpr std::uint32_t kLoopback = 0x7f000001;

class BrokerEnd : public ::testing::Test {
 protected:
  void SetUp() override { SOUNDER_SKIP_WITHOUT(::geteuid() == 0, "raw sockets, so root"); }

  static std::unique_ptr<BrokerConnection> connect(const Daemon& daemon) {
    auto connection = std::make_unique<BrokerConnection>(daemon.broker());
    connection->send(hello());
    return connection;
  }
};

double registrations(const Exposition& scrape) { return scrape.sum("sounder_broker_registrations"); }

/// Everything that clients held has been given back, and was accounted for.
bool holds_nothing(const Exposition& scrape) {
  return scrape.value("sounder_broker_clients") == 0 && registrations(scrape) == 0 &&
         scrape.sum("sounder_broker_charged") == 0 && scrape.value("sounder_broker_self_check_bytes") == 0;
}

TEST_F(BrokerEnd, WelcomesAndSendsAnEcho) {
  Daemon daemon(kConfig);
  const auto client = connect(daemon);
  const Frame welcome = client->receive(Body::Welcome);
  EXPECT_EQ(welcome.as<protocol::Welcome>()->version(), 1);
  client->send(echo(42, kLoopback));
  const Frame frame = client->receive(Body::EchoResults);
  const auto* result = frame.as<protocol::EchoResults>()->results()->Get(0);
  EXPECT_EQ(result->token(), 42U);
  EXPECT_EQ(result->kind(), protocol::OutcomeKind::Reply);
  EXPECT_GT(result->rtt_ns(), 0U);
  EXPECT_EQ(result->size(), 56);
  const auto scrape = daemon.scrape();
  EXPECT_EQ(scrape.value("sounder_echoes_total", {{"outcome", "reply"}}), 1);
  EXPECT_EQ(scrape.value("sounder_broker_clients"), 1);
  EXPECT_EQ(daemon.stop(), 0);
  EXPECT_EQ(client->receive(Body::Closing).as<protocol::Closing>()->reason(), protocol::CloseReason::Shutdown);
  EXPECT_FALSE(client->receive().has_value());
}

TEST_F(BrokerEnd, AWatchBeginsWithWhatThereIs) {
  Daemon daemon(kConfig);
  const auto client = connect(daemon);
  client->send(watches(1, 1, protocol::WatchMode::Level));
  EXPECT_EQ(client->receive(Body::Registered).as<protocol::Registered>()->ids()->size(), 1U);
  bool loopback = false;
  bool ended = false;
  while (!ended) {
    const Frame frame = client->receive(Body::Changes);
    const auto* changes = frame.as<protocol::Changes>();
    ended = changes->snapshot_ends();
    for (const auto* change : *changes->changes()) {
      loopback = loopback || (change->interface() != nullptr && change->interface()->loopback());
    }
  }
  EXPECT_TRUE(loopback);
}

TEST_F(BrokerEnd, TellsTheOutcomesOfConfiguredTargets) {
  Daemon daemon(kConfig);
  const auto client = connect(daemon);
  client->send(outcomes_of_all(1));
  const Frame frame = client->receive(Body::Outcomes);
  const auto* outcome = frame.as<protocol::Outcomes>()->outcomes()->Get(0);
  EXPECT_EQ(outcome->target()->str(), "127.0.0.1");
  EXPECT_EQ(outcome->group()->str(), "lo");
}

TEST_F(BrokerEnd, AClientThatIsKilledLeavesNothingBehind) {
  Daemon daemon(kConfig);
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    const auto client = connect(daemon);
    client->send(watches(1, 300, protocol::WatchMode::Edge));
    client->send(echo(1, kLoopback));
    ::pause();
    ::_exit(0);
  }
  daemon.scrape_until([](const auto& now) { return registrations(now) == 300; });
  ASSERT_EQ(::kill(child, SIGKILL), 0);
  ASSERT_EQ(::waitpid(child, nullptr, 0), child);
  const auto scrape = daemon.scrape_until(holds_nothing);
  EXPECT_EQ(scrape.sum("sounder_broker_closed_total"), 1);
  EXPECT_EQ(scrape.value("sounder_broker_reclaim_seconds_count"), 1);
}

TEST_F(BrokerEnd, ADaemonThatIsKilledIsFollowedByAnotherAtTheSamePlace) {
  const TemporaryFolder folder;
  const std::string config = folder.write("sounder.yaml", kConfig).string();
  const std::string socket = (folder.path() / "broker.sock").string();
  const std::vector<std::string> command{SOUNDER_BINARY, "run",         "-c",       config,
                                         "--listen",     "127.0.0.1:0", "--broker", socket};
  const auto ready = [](const std::string& log) { return log.find("msg=ready") != std::string::npos; };
  ChildProcess first(command);
  ASSERT_TRUE(first.wait_for_output(ready, Daemon::kHang)) << first.output();
  BrokerConnection client(socket);
  client.send(hello());
  const auto before = *client.receive(Body::Welcome).as<protocol::Welcome>()->instance();

  const auto second = run_program(command);
  EXPECT_EQ(second.code, 1) << "the place is taken";
  EXPECT_THAT(second.output, HasSubstr(socket));

  first.signal(SIGKILL);
  EXPECT_FALSE(client.receive().has_value());
  ASSERT_TRUE(first.wait_exit(Daemon::kHang).has_value());
  ASSERT_TRUE(std::filesystem::exists(socket)) << "nobody could remove it";
  ChildProcess third(command);
  ASSERT_TRUE(third.wait_for_output(ready, Daemon::kHang)) << third.output();
  BrokerConnection again(socket);
  again.send(hello());
  const auto after = *again.receive(Body::Welcome).as<protocol::Welcome>()->instance();
  EXPECT_FALSE(before.high() == after.high() && before.low() == after.low());
}

TEST_F(BrokerEnd, AReloadChangesQuotasAndPolicyAndNamesWhatNeedsARestart) {
  Daemon daemon(kConfig);
  const auto early = connect(daemon);
  early->send(watches(1, 10, protocol::WatchMode::Level));
  EXPECT_EQ(early->receive(Body::Registered).as<protocol::Registered>()->ids()->size(), 10U);
  daemon.rewrite_config(std::string(kConfig) +
                        "broker:\n"
                        "  mode: 0600\n"
                        "  limits: {registrations: {client: 12}}\n"
                        "  policy: [{user: root, anywhere: false, echo: false}]\n");
  EXPECT_EQ(daemon.post("/-/reload").status, 200U);
  // A thread of its own writes the log.
  const auto named = [](const std::string& log) { return log.find("broker.mode") != std::string::npos; };
  EXPECT_TRUE(daemon.process().wait_for_output(named, Daemon::kHang)) << daemon.process().output();
  early->send(watches(2, 3, protocol::WatchMode::Level));
  const Frame refused = early->receive(Body::Refused);
  EXPECT_EQ(refused.as<protocol::Refused>()->maximum(), 12U);
  const auto late = connect(daemon);
  late->send(echo(1, kLoopback));
  const Frame frame = late->receive(Body::EchoResults);
  EXPECT_EQ(frame.as<protocol::EchoResults>()->results()->Get(0)->kind(), protocol::OutcomeKind::Refused);
  EXPECT_EQ(registrations(daemon.scrape()), 10) << "what was granted stays";
}

TEST_F(BrokerEnd, AUserOfThePolicyWhoDoesNotExistIsAMistakeWithItsPlace) {
  const TemporaryFolder folder;
  const auto config = folder.write("sounder.yaml", std::string(kConfig) + "broker: {policy: [{user: no-such-user}]}\n");
  const auto run_it = run_sounder({"run", "-c", config.string(), "--listen", "127.0.0.1:0"});
  EXPECT_EQ(run_it.code, 2);
  EXPECT_THAT(run_it.output, HasSubstr("sounder.yaml:3:26: "));
}

TEST_F(BrokerEnd, CanBeSwitchedOff) {
  Daemon daemon(std::string(kConfig) + "broker: {enabled: false}\n");
  EXPECT_FALSE(std::filesystem::exists(daemon.broker()));
  EXPECT_EQ(daemon.scrape().value("sounder_broker_clients"), 0);
}

/// Whoever can't have the usual place is told what to do.
TEST_F(BrokerEnd, APlaceThatCannotBeHadEndsTheStartWithEveryRemedy) {
  const TemporaryFolder folder;
  const auto config = folder.write("sounder.yaml", kConfig);
  const auto run_it = run_sounder({"run", "-c", config.string(), "--listen", "127.0.0.1:0", "--broker",
                                   (folder.path() / "sounder.yaml" / "broker.sock").string()});
  EXPECT_EQ(run_it.code, 1);
  EXPECT_THAT(run_it.output, HasSubstr("broker.path"));
  EXPECT_THAT(run_it.output, HasSubstr("enabled: false"));
}

}  // namespace
}  // namespace sounder::testing
