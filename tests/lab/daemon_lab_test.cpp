// The real daemon against the real kernel: every outcome in its place, at a scale where a peer's fall apart.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "tests/lab/tun_responder.h"
#include "tests/support/daemon.h"
#include "tests/support/netns.h"
#include "tests/support/require.h"

namespace sounder::lab {
namespace {

using namespace std::chrono_literals;
using testing::Daemon;
using testing::Exposition;
using testing::InNamespace;
using testing::LabelSet;
using testing::VethPair;

const std::vector<std::string> kOutcomes{"reply", "timeout", "icmp_error", "local_drop", "send_failed", "slipped"};

/// The sum of an outcome over all targets, or over those of a group.
double outcomes(const Exposition& scrape, const std::string& outcome, LabelSet labels = {}) {
  labels["outcome"] = outcome;
  return scrape.sum("sounder_probes_total", labels);
}

double strays(const Exposition& scrape, LabelSet labels = {}) {
  return scrape.sum("sounder_stray_replies_total", labels);
}

/// Nothing but replies, and nothing that the daemon could not name.
void expect_only_replies(const Exposition& scrape, const LabelSet& labels = {}) {
  for (const auto& outcome : kOutcomes) {
    if (outcome == "reply") continue;
    EXPECT_EQ(outcomes(scrape, outcome, labels), 0) << outcome;
  }
  EXPECT_EQ(strays(scrape, labels), 0);
  EXPECT_EQ(scrape.sum("sounder_unmatched_packets_total"), 0);
}

std::set<std::string> addresses_with(const Exposition& scrape, const std::string& metric, double value,
                                     const LabelSet& labels = {}) {
  std::set<std::string> found;
  for (const auto& sample : scrape.select(metric, labels)) {
    if (sample.value == value) found.insert(sample.labels.at("address"));
  }
  return found;
}

std::size_t targets_with_state(const Exposition& scrape, double up, const LabelSet& labels = {}) {
  return addresses_with(scrape, "sounder_target_up", up, labels).size();
}

/// How often `needle` stands in `text`.
std::size_t count(const std::string& text, const std::string& needle) {
  std::size_t times = 0;
  for (auto at = text.find(needle); at != std::string::npos; at = text.find(needle, at + 1)) ++times;
  return times;
}

/// Every page of the targets' list, so that a test can look for the reason of each.
std::string all_targets(Daemon& daemon, std::size_t total) {
  constexpr std::size_t kPage = 1000;
  std::string text;
  for (std::size_t offset = 0; offset < total; offset += kPage) {
    text += daemon.get("/api/v1/targets?limit=" + std::to_string(kPage) + "&offset=" + std::to_string(offset)).body;
  }
  return text;
}

TEST(DaemonLab, TenThousandTargetsForAMinuteAndEveryOutcomeIsAReply) {
  SOUNDER_SKIP_WITHOUT(testing::can_make_namespaces(), "needs root and iproute2 to make network namespaces");
  VethPair lab;
  const InNamespace inside(lab.monitor);
  Daemon daemon(R"(
groups:
  - {name: four, targets: [10.100.0.1-10.100.19.136]}
  - {name: six, targets: ["fd10::1-fd10::1388"]}
)");
  daemon.run_for(60s);
  const auto scrape = daemon.scrape();
  EXPECT_EQ(scrape.select("sounder_probes_due_total").size(), 10'000U);
  EXPECT_GE(outcomes(scrape, "reply"), 10'000 * 58.0);
  expect_only_replies(scrape);
  EXPECT_EQ(targets_with_state(scrape, 1), 10'000U);
  const auto kernel = scrape.sum("sounder_rtt_stamps_total", {{"tx", "kernel"}, {"rx", "kernel"}});
  EXPECT_GE(kernel, 0.999 * outcomes(scrape, "reply"));
  EXPECT_EQ(daemon.stop(), 0);
}

/// Behind the responder, which routes to it and has a filter in front of it: where some addresses fall silent and
/// others become unreachable.
///
///     monitor ── responder (router) ── beyond: all of 10.100.0.0/18
class RoutedLab {
 public:
  RoutedLab() : beyond("beyond") {
    veth.responder.run("ip link add wa type veth peer name wb netns " + beyond.name());
    veth.responder.run("ip link set wa up");
    beyond.run("ip link set wb up");
    veth.responder.run("ip addr add 10.98.0.1/24 dev wa");
    beyond.run("ip addr add 10.98.0.2/24 dev wb");
    beyond.run("ip route add default via 10.98.0.1");
    beyond.run("ip route add local 10.100.0.0/18 dev lo");
    veth.responder.run("ip route del local 10.100.0.0/16 dev lo");
    veth.responder.run("ip route add 10.100.0.0/18 via 10.98.0.2");
    veth.responder.feed("nft -f -", R"(
table ip lab {
  set silent { type ipv4_addr; flags interval; }
  set unreachable { type ipv4_addr; flags interval; }
  chain forward {
    type filter hook forward priority 0;
    ip daddr @silent drop
    ip daddr @unreachable reject with icmp type host-unreachable
    ip daddr 10.100.63.3 reject with icmp type admin-prohibited
  }
}
)");
  }

  VethPair veth;
  testing::NetworkNamespace beyond;
};

TEST(DaemonLab, ExactlyTheDeadGoDownWithTheirReasons) {
  SOUNDER_SKIP_WITHOUT(testing::can_make_namespaces(), "needs root and iproute2 to make network namespaces");
  RoutedLab lab;
  const InNamespace inside(lab.veth.monitor);
  Daemon daemon(R"(
defaults: {timeout: 500ms}
groups:
  - {name: living, targets: [10.100.2.0-10.100.39.143]}
  - {name: silent, targets: [10.100.0.1-10.100.0.200]}
  - {name: unreachable, targets: [10.100.1.1-10.100.1.200]}
)");
  daemon.scrape_until([](const auto& scrape) { return targets_with_state(scrape, 1) == 10'016; });
  const auto before = daemon.scrape();
  lab.veth.responder.run("nft add element ip lab silent '{ 10.100.0.0/24 }'");
  lab.veth.responder.run("nft add element ip lab unreachable '{ 10.100.1.0/24 }'");

  const auto after = daemon.scrape_until([](const auto& scrape) { return targets_with_state(scrape, 0) == 400; });
  EXPECT_EQ(targets_with_state(after, 0, {{"group", "silent"}}), 200U);
  EXPECT_EQ(targets_with_state(after, 0, {{"group", "unreachable"}}), 200U);
  EXPECT_EQ(targets_with_state(after, 1, {{"group", "living"}}), 9'616U);
  EXPECT_EQ(
      outcomes(after, "reply", {{"group", "living"}}) + after.sum("sounder_probes_in_flight", {{"group", "living"}}),
      after.sum("sounder_probes_due_total", {{"group", "living"}}));
  EXPECT_EQ(outcomes(after, "icmp_error", {{"group", "silent"}}),
            outcomes(before, "icmp_error", {{"group", "silent"}}));
  EXPECT_EQ(outcomes(after, "timeout", {{"group", "unreachable"}}), 0);
  // A scrape takes the outcomes of all targets first and reads the other families as it prints them.
  EXPECT_GE(after.sum("sounder_icmp_errors_total", {{"type", "3"}, {"code", "1"}}),
            outcomes(after, "icmp_error", {{"group", "unreachable"}}));
  EXPECT_EQ(after.sum("sounder_icmp_errors_total"), after.sum("sounder_icmp_errors_total", {{"code", "1"}}));

  const LabelSet told{{"state", "down"}, {"reason", "host_unreachable"}, {"reporter", "10.99.0.2"}};
  EXPECT_EQ(after.select("sounder_target_state_info", told).size(), 200U);
  const std::string list = all_targets(daemon, 10'016);
  EXPECT_EQ(count(list, R"("reason":"timeout")"), 200U);
  EXPECT_EQ(count(list, R"("reason":"host_unreachable")"), 200U);
  EXPECT_EQ(count(list, R"("reporter":"10.99.0.2")"), 200U);
  EXPECT_EQ(daemon.stop(), 0);
}

TEST(DaemonLab, EveryReasonIsToldInTheApiAndAsAMetric) {
  SOUNDER_SKIP_WITHOUT(testing::can_make_namespaces(), "needs root and iproute2 to make network namespaces");
  RoutedLab lab;
  lab.veth.responder.run("nft add element ip lab silent '{ 10.100.63.1 }'");
  lab.veth.responder.run("nft add element ip lab unreachable '{ 10.100.63.2 }'");
  const InNamespace inside(lab.veth.monitor);
  Daemon daemon(R"(
defaults: {interval: 100ms, timeout: 500ms}
groups:
  - name: lab
    targets: [10.100.63.1, 10.100.63.2, 10.100.63.3, {host: 10.100.63.4, ttl: 1}, 10.100.63.5, 192.0.2.1]
  - {name: names, targets: [nobody.invalid]}
)");
  struct Case {
    std::string target;
    std::string state;
    std::string reason;
    std::string reporter;
  };
  const std::vector<Case> cases{{"10.100.63.1", "down", "timeout", ""},
                                {"10.100.63.2", "down", "host_unreachable", "10.99.0.2"},
                                {"10.100.63.3", "down", "admin_prohibited", "10.99.0.2"},
                                {"10.100.63.4", "down", "ttl_exceeded", "10.99.0.2"},
                                {"10.100.63.5", "up", "none", ""},
                                {"192.0.2.1", "unreachable", "no_route", ""},
                                {"nobody.invalid", "unknown", "unresolved", ""}};
  const auto labels_of = [](const Case& one) {
    LabelSet labels{{"target", one.target}, {"state", one.state}, {"reason", one.reason}};
    if (!one.reporter.empty()) labels["reporter"] = one.reporter;
    return labels;
  };
  daemon.scrape_until([&](const auto& scrape) {
    return std::all_of(cases.begin(), cases.end(), [&](const Case& one) {
      return scrape.value("sounder_target_state_info", labels_of(one)) == 1.0;
    });
  });
  const std::string list = all_targets(daemon, cases.size());
  for (const Case& one : cases) EXPECT_GE(count(list, "\"reason\":\"" + one.reason + "\""), 1U) << one.reason;
  EXPECT_EQ(count(list, R"("reporter":"10.99.0.2")"), 3U);
  EXPECT_EQ(daemon.stop(), 0);
}

TEST(DaemonLab, SilentHostsOnTheLinkHarmNobodyElse) {
  SOUNDER_SKIP_WITHOUT(testing::can_make_namespaces(), "needs root and iproute2 to make network namespaces");
  VethPair lab;
  const InNamespace inside(lab.monitor);
  Daemon daemon(R"(
groups:
  - {name: living, targets: [10.100.0.1-10.100.39.16]}
  - {name: silent, targets: [10.99.16.1-10.99.18.88]}
)");
  const auto scrape = daemon.scrape_until([](const auto& now) {
    return outcomes(now, "timeout", {{"group", "silent"}}) >= 600 * 10;
  });
  expect_only_replies(scrape, {{"group", "living"}});
  EXPECT_EQ(targets_with_state(scrape, 1, {{"group", "living"}}), 10'000U);
  EXPECT_EQ(targets_with_state(scrape, 0, {{"group", "silent"}}), 600U);
  for (const auto& outcome : {"reply", "icmp_error", "local_drop", "send_failed"}) {
    EXPECT_EQ(outcomes(scrape, outcome, {{"group", "silent"}}), 0) << outcome;
  }
  EXPECT_EQ(scrape.sum("sounder_send_errors_total"), 0);
  const std::string list = all_targets(daemon, 10'600);
  EXPECT_EQ(count(list, R"("reason":"no_neighbour")") + count(list, R"("reason":"timeout")"), 600U);
  EXPECT_EQ(daemon.stop(), 0);
}

TEST(DaemonLab, WhatTheNeighbourTableRefusesIsSendFailedNeverTimeout) {
  SOUNDER_SKIP_WITHOUT(testing::can_make_namespaces(), "needs root and iproute2 to make network namespaces");
  VethPair lab;
  lab.responder.run("ip route add local 10.99.32.0/20 dev lo");
  const InNamespace inside(lab.monitor);
  Daemon daemon("groups: [{name: link, targets: [10.99.32.1-10.99.43.184]}]\n");
  const auto scrape = daemon.scrape_until([](const auto& now) { return outcomes(now, "send_failed") >= 5'000; });
  EXPECT_EQ(scrape.select("sounder_target_up").size(), 3'000U);
  EXPECT_GT(outcomes(scrape, "reply"), 0);
  EXPECT_EQ(outcomes(scrape, "timeout"), 0);
  // The totals of a scrape are as old as its first line, and its targets are not.
  EXPECT_GE(daemon.scrape().sum("sounder_send_errors_total"), 5'000);
  EXPECT_EQ(scrape.sum("sounder_send_errors_total", {{"reason", "no_buffer"}}),
            scrape.sum("sounder_send_errors_total"));
  EXPECT_EQ(daemon.stop(), 0);
  EXPECT_EQ(count(daemon.process().output(), "net.ipv4.neigh.default.gc_thresh3"), 1U);
}

TEST(DaemonLab, SeventyThousandProbesInFlightAtOnce) {
  SOUNDER_SKIP_WITHOUT(testing::can_make_namespaces(), "needs root and iproute2 to make network namespaces");
  const testing::NetworkNamespace monitor("held");
  const InNamespace inside(monitor);
  TunResponder responder("held0", {.hold = 5s});
  monitor.run("ip addr add 10.96.0.1/32 dev held0");
  monitor.run("ip route add 10.96.64.0/18 dev held0");
  // 15,000 targets at one probe a second, each answered after five seconds: 75,000 in flight.
  Daemon daemon(R"(
defaults: {timeout: 20s}
groups: [{name: held, targets: [10.96.64.0-10.96.122.151]}]
)");
  const auto scrape = daemon.scrape_until([](const auto& now) {
    return now.sum("sounder_probes_in_flight") >= 70'000 && outcomes(now, "reply") >= 30'000;
  });
  EXPECT_EQ(scrape.select("sounder_target_up").size(), 15'000U);
  EXPECT_GE(responder.most_held(), 70'000U);
  expect_only_replies(scrape);
  // Each was credited to its own probe: none is nearer or farther than the responder held it.
  EXPECT_EQ(scrape.sum("sounder_rtt_seconds_bucket", {{"le", "3.2768"}}), 0);
  EXPECT_EQ(scrape.sum("sounder_rtt_seconds_bucket", {{"le", "13.1072"}}), scrape.sum("sounder_rtt_seconds_count"));
  EXPECT_EQ(daemon.stop(), 0);
}

TEST(DaemonLab, AStrangerWithOurNumbersAndAWrongPayloadMakesNobodyUp) {
  SOUNDER_SKIP_WITHOUT(testing::can_make_namespaces(), "needs root and iproute2 to make network namespaces");
  const testing::NetworkNamespace monitor("liar");
  const InNamespace inside(monitor);
  TunResponder liar("liar0", {.wrong_payload = true});
  monitor.run("ip addr add 10.96.0.1/32 dev liar0");
  monitor.run("ip route add 10.96.64.0/24 dev liar0");
  monitor.run("ip -6 addr add fd96::1/128 dev liar0 nodad");
  monitor.run("ip -6 route add fd96:0:0:1::/64 dev liar0");
  Daemon daemon(R"(
defaults: {interval: 200ms, timeout: 500ms}
groups:
  - {name: four, targets: [10.96.64.1-10.96.64.100]}
  - {name: six, targets: ["fd96:0:0:1::1-fd96:0:0:1::64"]}
)");
  const auto scrape = daemon.scrape_until([](const auto& now) { return outcomes(now, "timeout") >= 2'000; });
  EXPECT_EQ(outcomes(scrape, "reply"), 0);
  EXPECT_EQ(targets_with_state(scrape, 1), 0U);
  EXPECT_GE(strays(scrape, {{"kind", "corrupt"}}), 2'000);
  EXPECT_EQ(strays(scrape), strays(scrape, {{"kind", "corrupt"}}));
  // Every answer was taken for what it is, but for those still on their way.
  const auto answered = static_cast<double>(liar.replies());
  EXPECT_LE(strays(scrape, {{"kind", "corrupt"}}), answered);
  EXPECT_EQ(scrape.sum("sounder_unmatched_packets_total"), 0);
  EXPECT_EQ(daemon.stop(), 0);
}

}  // namespace
}  // namespace sounder::lab
