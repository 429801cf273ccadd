#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/config/load_helpers.h"

namespace sounder::config {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;

TEST(Load, PassesOptionsAndLabelsFromDefaultsToGroupToTarget) {
  const auto settings = settings_of(R"(
groups:
  - name: lab
    timeout: 500ms
    labels: {site: berlin, role: router}
    targets:
      - 127.0.0.1
      - {host: 127.0.0.2, name: two, size: 100, labels: {role: switch}}
defaults:
  interval: 5s
  timeout: 1s
  labels: {team: net}
)");
  EXPECT_THAT(hosts_of(settings), ElementsAre("lab 127.0.0.1 127.0.0.1", "lab two 127.0.0.2"));
  const auto& first = settings.targets.at(0);
  const auto& second = settings.targets.at(1);
  EXPECT_EQ(first.options->interval, seconds(5));
  EXPECT_EQ(first.options->timeout, milliseconds(500));
  EXPECT_EQ(first.options->size, 56);
  EXPECT_EQ(second.options->size, 100);
  EXPECT_EQ(second.options->timeout, milliseconds(500));
  EXPECT_EQ(*first.labels, (probe::Labels{{"role", "router"}, {"site", "berlin"}, {"team", "net"}}));
  EXPECT_EQ(*second.labels, (probe::Labels{{"role", "switch"}, {"site", "berlin"}, {"team", "net"}}));
}

TEST(Load, ReadsEveryOption) {
  const auto settings = settings_of(R"(
groups:
  - name: lab
    targets:
      - host: 127.0.0.1
        interval: 1m30s
        timeout: 60s
        size: 65507
        family: all
        source: 127.0.0.9
        interface: lo
        mark: 0x10
        dscp: af41
        ttl: 255
        dont_fragment: true
        accept_foreign: true
        down_after: 7
        up_after: 2
        buckets: [100us, 1ms, 1s]
)");
  probe::ProbeOptions expected;
  expected.interval = seconds(90);
  expected.timeout = seconds(60);
  expected.size = 65507;
  expected.family = probe::FamilyChoice::kAll;
  expected.source = base::IpAddress::parse("127.0.0.9");
  expected.interface = "lo";
  expected.mark = 16;
  expected.dscp = 34;
  expected.ttl = 255;
  expected.dont_fragment = true;
  expected.accept_foreign = true;
  expected.down_after = 7;
  expected.up_after = 2;
  expected.buckets = {std::chrono::microseconds(100), milliseconds(1), seconds(1)};
  EXPECT_EQ(*settings.targets.at(0).options, expected);
}

TEST(Load, ReadsTheDaemonsOwnSettings) {
  const auto settings = settings_of(R"(
listen: "[::1]:0"
user: sounder
engine: {rate_limit: 5000, receive_buffer: 32MiB, send_buffer: 512KiB, stamps: user}
resolver: {refresh: 5m, retry: 2s, workers: 8}
groups: []
)");
  EXPECT_EQ(settings.listen, (ListenAddress{"::1", 0}));
  EXPECT_EQ(settings.user, "sounder");
  EXPECT_EQ(settings.engine, (EngineSettings{5000, 32U << 20U, 512U << 10U, false}));
  EXPECT_EQ(settings.resolver, (ResolverSettings{std::chrono::minutes(5), seconds(2), 8}));
}

TEST(Load, HasDefaultsForEverythingButGroups) {
  const auto settings = settings_of(with_targets("[127.0.0.1]"));
  EXPECT_EQ(settings.listen, ListenAddress{});
  EXPECT_EQ(settings.engine, EngineSettings{});
  EXPECT_EQ(settings.resolver, ResolverSettings{});
  EXPECT_EQ(*settings.targets.at(0).options, probe::ProbeOptions{});
}

TEST(Load, SharesEqualOptionsAndLabels) {
  const auto settings = settings_of(with_targets(
      "[127.0.0.0/24, ::1, {host: a.example, ttl: 64}, {host: 127.1.0.1, ttl: 9}, {host: 127.1.0.2, ttl: 9}]"));
  ASSERT_EQ(settings.targets.size(), 258U);
  const auto& block = settings.targets.at(0);
  EXPECT_EQ(settings.targets.at(255).options, block.options);  // ::1, without a map of its own
  EXPECT_EQ(settings.targets.at(254).labels, block.labels);
  EXPECT_EQ(settings.targets.at(256).options, settings.targets.at(257).options);
  EXPECT_NE(settings.targets.at(256).options, block.options);
}

TEST(Load, CountsWhatItAmountsTo) {
  const auto totals = settings_of(with_targets("[{host: 127.0.0.1, interval: 100ms}, ::1, a.example]")).totals;
  EXPECT_EQ(totals.targets, 3U);
  EXPECT_EQ(totals.names, 1U);
  EXPECT_DOUBLE_EQ(totals.packets_per_second, 12);
  EXPECT_DOUBLE_EQ(totals.bits_per_second, 10 * 84 * 8 + 104 * 8 + 84 * 8);
  EXPECT_EQ(totals.memory_bytes, 3U * 1250 + (22 + 4 + 4) * 64);  // 20 and 2 in flight, and two places more each
}

TEST(Load, ListsEveryGroupAlsoEmptyOnes) {
  const auto settings = settings_of("groups: [{name: one, targets: []}, {name: two, targets: [127.0.0.1]}]");
  EXPECT_THAT(settings.groups, ElementsAre("one", "two"));
}

TEST(Load, SaysAllMistakesAtOnceInTheOrderOfTheFile) {
  EXPECT_THAT(errors_of(R"(listen: nowhere
groups:
  - name: lab
    intervall: 1s
    targets: [10.0.0.256, 224.0.0.1]
defaults:
  interval: 5ms
)"),
              ElementsAre("s.yaml:1:9: listen: nowhere has no port; allowed is an address and a port, such as "
                          "127.0.0.1:19719, 0.0.0.0:19719 or [::1]:19719",
                          "s.yaml:4:5: unknown key intervall; did you mean interval?",
                          "s.yaml:5:15: 10.0.0.256 is neither an address, a block, a range nor a host name (RFC 1123)",
                          "s.yaml:5:27: 224.0.0.1 is multicast, which can't be a target",
                          "s.yaml:7:13: interval: 5ms is too short; allowed is 10ms to 1h"));
}

TEST(Load, SaysASyntaxErrorAlone) {
  EXPECT_THAT(errors_of("listen: nowhere\ngroups: [\n"),
              ElementsAre("s.yaml:3:1: not valid YAML: end of sequence flow not found"));
}

TEST(Load, RefusesMorePacketsThanTheRateLimitWithBothNumbers) {
  EXPECT_THAT(errors_of("engine:\n  rate_limit: 250\n" + with_targets("[127.0.0.0/24]")),
              ElementsAre("s.yaml:2:15: the targets need 254 packets/s, but engine.rate_limit is 250; lengthen "
                          "`interval` or raise the limit"));
  EXPECT_THAT(errors_of("defaults: {interval: 10ms}\n" + with_targets("[10.0.0.0/22]")),
              ElementsAre("s.yaml:3:3: the targets need 102200 packets/s, but engine.rate_limit is 100000; lengthen "
                          "`interval` or raise the limit"));
  EXPECT_THAT(errors_of("engine: {rate_limit: 254}\n" + with_targets("[127.0.0.0/24]")), IsEmpty());
}

/// The configuration that strangers start from.
TEST(Example, LoadsWithoutWarnings) {
  const auto result = load(SOUNDER_EXAMPLE);
  EXPECT_THAT(messages(result.warnings), IsEmpty());
  ASSERT_TRUE(result.settings) << result.error_text();
  EXPECT_THAT(result.settings->groups, ElementsAre("loopback", "lab", "block"));
  EXPECT_EQ(result.settings->targets.size(), 3U + 2U + 14U);
  EXPECT_EQ(result.settings->totals.names, 1U);
}

TEST(Example, ProbesNothingButThisHost) {
  const auto settings = load(SOUNDER_EXAMPLE).settings.value();
  for (const auto& target : settings.targets) {
    const auto* const host = std::get_if<probe::HostAddress>(&target.host);
    EXPECT_TRUE(host != nullptr ? host->address.is_loopback() : target.target == "localhost") << target.target;
  }
}

}  // namespace
}  // namespace sounder::config
