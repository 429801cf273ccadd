// The commands that are clients of the running daemon, as a user without rights.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <memory>
#include <string>
#include <vector>

#include "tests/e2e/broker_folder.h"
#include "tests/e2e/program.h"
#include "tests/support/daemon.h"
#include "tests/support/netns.h"
#include "tests/support/require.h"

namespace sounder::testing {
namespace {

using ::testing::HasSubstr;

constexpr const char* kRoot = "needs root: raw sockets, and becoming somebody else";
constexpr std::chrono::seconds kHang{60};

class BrokerCommands : public ::testing::Test {
 protected:
  void SetUp() override { SOUNDER_SKIP_WITHOUT(::geteuid() == 0, kRoot); }
  ProgramResult run(std::vector<std::string> arguments) {
    return run_program(as_nobody(command(std::move(arguments))));
  }
  std::vector<std::string> command(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), SOUNDER_BINARY);
    arguments.insert(arguments.end(), {"--socket", folder_.socket()});
    return arguments;
  }
  BrokerFolder folder_;
};

TEST_F(BrokerCommands, PingViaTheBrokerNeedsNoRights) {
  Daemon daemon(broker_config("127.0.0.1", "packets_per_second: 100"), folder_.options());
  const auto result = run({"ping", "-c", "3", "-i", "0.05", "--via-broker", "127.0.0.1"});
  EXPECT_EQ(result.code, 0) << result.output;
  for (const char* text : {"PING 127.0.0.1 (127.0.0.1) 56(84) bytes of data.\n", "64 bytes from 127.0.0.1: icmp_seq=3 ",
                           "3 packets transmitted, 3 received, 0% packet loss"}) {
    EXPECT_THAT(result.output, HasSubstr(text));
  }
  const auto elsewhere = run({"ping", "-c", "1", "--via-broker", "127.0.0.2"});
  EXPECT_EQ(elsewhere.code, 1);
  EXPECT_THAT(elsewhere.output, HasSubstr("not_permitted"));
}

TEST_F(BrokerCommands, WithoutADaemonTheyEndWithTwo) {
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"ping", "-c", "1", "--via-broker", "127.0.0.1"},
        {"watch"},
        {"broker", "top", "--once"}}) {
    const auto result = run(arguments);
    EXPECT_EQ(result.code, 2) << arguments.front();
    EXPECT_THAT(result.output, HasSubstr(folder_.socket()));
    EXPECT_THAT(result.output, HasSubstr("`sounder run`"));
  }
}

TEST_F(BrokerCommands, WatchPrintsTheNetworkAndWhatChanges) {
  SOUNDER_SKIP_WITHOUT(can_make_namespaces(), "network namespaces");
  const NetworkNamespace lab("watch");
  const InNamespace inside(lab);
  Daemon daemon(broker_config("127.0.0.1"), folder_.options());
  const auto once = run({"watch", "--network", "--once"});
  EXPECT_EQ(once.code, 0) << once.output;
  EXPECT_THAT(once.output, HasSubstr("+ interface lo (1) up, carrier, MTU 65536\n"));
  EXPECT_THAT(once.output, HasSubstr("+ address 127.0.0.1/8 on lo\n"));

  ChildProcess watch(as_nobody(command({"watch", "--network", "--json"})));
  const auto says = [&](const std::string& text) {
    return watch.wait_for_output([&](const std::string& output) { return output.find(text) != output.npos; }, kHang);
  };
  EXPECT_TRUE(says(R"({"event":"snapshot_ends"})")) << watch.output();
  lab.run("ip address add 192.0.2.7/24 dev lo");
  EXPECT_TRUE(says(R"({"event":"changed","object":"address","interface":1,"address":"192.0.2.7/24","usable":true})"))
      << watch.output();
  lab.run("ip address del 192.0.2.7/24 dev lo");
  EXPECT_TRUE(says(R"({"event":"gone","object":"address","interface":1,"address":"192.0.2.7/24")")) << watch.output();
  watch.signal(SIGINT);
  EXPECT_EQ(watch.wait_exit(kHang), 0);
}

TEST_F(BrokerCommands, WatchPrintsOutcomesOfAGroup) {
  Daemon daemon(broker_config("127.0.0.1"), folder_.options());
  ChildProcess watch(as_nobody(command({"watch", "--outcomes", "--group", "lab"})));
  EXPECT_TRUE(watch.wait_for_output(
      [](const std::string& output) { return output.find("lab/127.0.0.1 127.0.0.1 reply ") != output.npos; }, kHang))
      << watch.output();
  watch.signal(SIGTERM);
  EXPECT_EQ(watch.wait_exit(kHang), 0);
}

TEST_F(BrokerCommands, AKilledDaemonIsWaitedForAndTheGapIsTold) {
  auto daemon = std::make_unique<Daemon>(broker_config("127.0.0.1"), folder_.options());
  ChildProcess watch(as_nobody(command({"watch"})));
  const auto says = [&](const std::string& text) {
    return watch.wait_for_output([&](const std::string& output) { return output.find(text) != output.npos; }, kHang);
  };
  EXPECT_TRUE(says("= changes from here on:\n")) << watch.output();
  daemon->process().signal(SIGKILL);
  EXPECT_TRUE(daemon->process().wait_exit(kHang));
  EXPECT_TRUE(says("sounder watch: ")) << watch.output();
  daemon = std::make_unique<Daemon>(broker_config("127.0.0.1"), folder_.options());
  EXPECT_TRUE(says("! an unknown number of changes were missed\n")) << watch.output();
  EXPECT_TRUE(says("! an unknown number of outcomes were missed\n")) << watch.output();
  EXPECT_TRUE(watch.wait_for_output(
      [](const std::string& output) {
        const auto gap = output.find("! an unknown number of changes");
        return output.find("= changes from here on:\n", gap) != output.npos;
      },
      kHang))
      << watch.output();
  watch.signal(SIGINT);
  EXPECT_EQ(watch.wait_exit(kHang), 0);
}

TEST_F(BrokerCommands, TopShowsTheClients) {
  Daemon daemon(broker_config("127.0.0.1"), folder_.options());
  ChildProcess watch(as_nobody(command({"watch", "--network"})));
  EXPECT_TRUE(watch.wait_for_output(
      [](const std::string& output) { return output.find("= changes from here on:") != output.npos; }, kHang))
      << watch.output();
  // The administrator sees all clients, this one included; nobody its own.
  const auto all = run_program(command({"broker", "top", "--once"}));
  EXPECT_EQ(all.code, 0) << all.output;
  EXPECT_THAT(all.output, HasSubstr("SESSION"));
  EXPECT_THAT(all.output,
              ::testing::ContainsRegex("65534 +" + std::to_string(watch.pid()) + " +1 +0 +0 +0 .*sounder watch"));
  EXPECT_THAT(all.output, HasSubstr("sounder broker top"));
  EXPECT_THAT(all.output, HasSubstr("sum 2"));
  watch.signal(SIGTERM);
  EXPECT_EQ(watch.wait_exit(kHang), 0);
}

}  // namespace
}  // namespace sounder::testing
