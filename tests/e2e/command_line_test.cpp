// The command line of the real executable: what it prints and what it ends with.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <regex>
#include <string>

#include "tests/e2e/program.h"
#include "tests/support/daemon.h"
#include "tests/support/require.h"

namespace sounder::testing {
namespace {

using ::testing::HasSubstr;

constexpr const char* kRaw = "raw sockets, so root";

bool is_root() { return ::geteuid() == 0; }

TEST(CommandLine, VersionNamesItself) {
  const auto result = run_sounder({"version"});
  EXPECT_EQ(result.code, 0);
  EXPECT_TRUE(std::regex_search(result.output, std::regex(R"(^sounder \d+\.\d+\.\d+\n)"))) << result.output;
}

TEST(CommandLine, HelpTeachesByExamples) {
  for (const char* command : {"run", "check", "ping", "watch"}) {
    const auto result = run_sounder({command, "--help"});
    EXPECT_EQ(result.code, 0) << command;
    EXPECT_THAT(result.output, HasSubstr("Ends with 0")) << command;
  }
  EXPECT_THAT(run_sounder({"broker", "top", "--help"}).output, HasSubstr("Ends with 0"));
  const auto result = run_sounder({"--help"});
  EXPECT_EQ(result.code, 0);
  EXPECT_THAT(result.output, HasSubstr("Examples:"));
}

TEST(CommandLine, UnknownThingsEndWithTwo) {
  EXPECT_EQ(run_sounder({}).code, 2);
  EXPECT_EQ(run_sounder({"fly"}).code, 2);
  EXPECT_EQ(run_sounder({"run", "--log-level", "loud"}).code, 2);
  EXPECT_EQ(run_sounder({"run", "--listen", "nowhere"}).code, 2);
  EXPECT_EQ(run_sounder({"ping"}).code, 2);
  EXPECT_EQ(run_sounder({"ping", "--socket", "/tmp/x", "127.0.0.1"}).code, 2);
  EXPECT_EQ(run_sounder({"broker"}).code, 2);
  EXPECT_EQ(run_sounder({"watch", "--once", "--edge"}).code, 2);
  EXPECT_EQ(run_sounder({"watch", "--target", "router"}).code, 2);
  EXPECT_EQ(run_sounder({"ping", "-4", "-6", "127.0.0.1"}).code, 2);
  EXPECT_EQ(run_sounder({"ping", "-c", "0", "127.0.0.1"}).code, 2);
}

TEST(Check, TellsWhatAConfigurationExpandsTo) {
  const TemporaryFolder folder;
  const auto file = folder.write("good.yaml", "groups: [{name: lab, interval: 500ms, targets: [127.0.1.0/29]}]\n");
  const auto result = run_sounder({"check", file.string()});
  EXPECT_EQ(result.code, 0) << result.output;
  EXPECT_THAT(result.output, HasSubstr("targets     6, 0 of them by name"));
  EXPECT_THAT(result.output, HasSubstr("probes/s    12.0 of at most 100000"));
}

TEST(Check, TellsEveryMistakeAtOnceAsRunDoes) {
  const TemporaryFolder folder;
  const auto file = folder.write("bad.yaml",
                                 "defaults:\n"
                                 "  interval: 5ms\n"
                                 "groups:\n"
                                 "  - name: lab\n"
                                 "    colour: blue\n"
                                 "    targets: [224.0.0.1]\n");
  const auto check = run_sounder({"check", file.string()});
  EXPECT_EQ(check.code, 2);
  for (const char* place : {"bad.yaml:2:", "bad.yaml:5:", "bad.yaml:6:"}) {
    EXPECT_THAT(check.output, HasSubstr(place));
  }
  const auto run = run_sounder({"run", "-c", file.string(), "--log-level", "error"});
  EXPECT_EQ(run.code, 2);
  EXPECT_EQ(run.output, check.output);
}

TEST(Check, MissingFileEndsWithTwo) {
  const auto result = run_sounder({"check", "/nonexistent/sounder.yaml"});
  EXPECT_EQ(result.code, 2);
  EXPECT_THAT(result.output, HasSubstr("/nonexistent/sounder.yaml"));
}

TEST(PingCommand, PrintsAsPingDoes) {
  SOUNDER_SKIP_WITHOUT(is_root(), kRaw);
  const auto result = run_sounder({"ping", "-c", "3", "-i", "0.2", "127.0.0.1"});
  EXPECT_EQ(result.code, 0) << result.output;
  const std::regex expected(R"(PING 127\.0\.0\.1 \(127\.0\.0\.1\) 56\(84\) bytes of data\.\n)"
                            R"((64 bytes from 127\.0\.0\.1: icmp_seq=[123] ttl=64 time=[0-9.]+ ms\n){3})"
                            R"(\n--- 127\.0\.0\.1 ping statistics ---\n)"
                            R"(3 packets transmitted, 3 received, 0% packet loss, time \d+ms\n)"
                            R"(rtt min/avg/max/mdev = [0-9.]+/[0-9.]+/[0-9.]+/[0-9.]+ ms\n)");
  EXPECT_TRUE(std::regex_match(result.output, expected)) << result.output;
}

TEST(PingCommand, ProbesSeveralHostsOfBothFamilies) {
  SOUNDER_SKIP_WITHOUT(is_root(), kRaw);
  const auto result = run_sounder({"ping", "-c", "1", "-s", "8", "127.0.0.1", "::1"});
  EXPECT_EQ(result.code, 0) << result.output;
  EXPECT_THAT(result.output, HasSubstr("16 bytes from 127.0.0.1: icmp_seq=1 "));
  EXPECT_THAT(result.output, HasSubstr("16 bytes from ::1: icmp_seq=1 "));
}

TEST(PingCommand, UnknownHostEndsWithTwo) {
  const auto result = run_sounder({"ping", "-c", "1", "no.such.host.invalid"});
  EXPECT_EQ(result.code, 2) << result.output;
  EXPECT_THAT(result.output, HasSubstr("no.such.host.invalid"));
}

TEST(PingCommand, InterruptGivesTheSummary) {
  SOUNDER_SKIP_WITHOUT(is_root(), kRaw);
  ChildProcess ping({SOUNDER_BINARY, "ping", "-i", "0.05", "127.0.0.1"});
  const std::chrono::seconds limit{60};
  ASSERT_TRUE(ping.wait_for_output([](const auto& text) { return text.find("icmp_seq=3") != text.npos; }, limit));
  ping.signal(SIGINT);
  EXPECT_EQ(ping.wait_exit(limit), 0);
  EXPECT_TRUE(ping.wait_for_output([](const auto& text) { return text.find("rtt min/avg") != text.npos; }, limit));
}

}  // namespace
}  // namespace sounder::testing
