// The real daemon on a host whose own network breaks: what can't leave is counted as that, with its reason, nothing of
// it is taken for the target's silence, and when the way is back, so are the probes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/daemon.h"
#include "tests/support/netns.h"
#include "tests/support/require.h"

namespace sounder::lab {
namespace {

namespace json = boost::json;
using testing::Exposition;
using testing::LabelSet;

constexpr const char* kNear4 = "10.99.0.2";  // on the link
constexpr const char* kNear6 = "fd99::2";
constexpr const char* kFar4 = "10.100.0.1";  // behind it
constexpr const char* kFar6 = "fd10::1";
constexpr const char* kHere = "127.0.0.1";  // whatever the network does

double outcomes(const Exposition& scrape, const std::string& outcome, const std::string& address) {
  return scrape.sum("sounder_probes_total", {{"outcome", outcome}, {"address", address}});
}

double send_errors(const Exposition& scrape, const std::string& reason) {
  return scrape.sum("sounder_send_errors_total", {{"reason", reason}});
}

bool is(const Exposition& scrape, const std::string& address, const std::string& state, const std::string& reason) {
  return scrape.value("sounder_target_state_info", {{"address", address}, {"state", state}, {"reason", reason}}) == 1.0;
}

class NetworkLab : public ::testing::Test {
 protected:
  void SetUp() override {
    SOUNDER_SKIP_WITHOUT(testing::can_make_namespaces(), "needs root and iproute2 to make network namespaces");
    lab_ = std::make_unique<testing::VethPair>();
    inside_ = std::make_unique<testing::InNamespace>(lab_->monitor);
  }

  /// On this host: monitor. At the other end of its wire: responder.
  void here(const std::string& command) { lab_->monitor.run(command); }
  void there(const std::string& command) { lab_->responder.run(command); }

  /// `targets` in YAML's flow style, beside one that always answers.
  void start(const std::string& targets, const std::string& engine = "{}") {
    daemon_ = std::make_unique<testing::Daemon>("engine: " + engine +
                                                "\n"
                                                "defaults: {interval: 100ms, timeout: 500ms}\n"
                                                "groups: [{name: lab, targets: [" +
                                                targets + ", " + kHere + "]}]\n");
    expect("up", "none", {kHere});
  }
  void start_with_four() {
    start(std::string("10.99.0.2, \"fd99::2\", 10.100.0.1, \"fd10::1\""));
    expect("up", "none", {kNear4, kNear6, kFar4, kFar6});
  }

  Exposition scrape() { return daemon_->scrape(); }
  Exposition scrape_until(const std::function<bool(const Exposition&)>& condition) {
    return daemon_->scrape_until(condition);
  }

  /// Waits until all of them are in this state for this reason, and holds the API to it.
  Exposition expect(const std::string& state, const std::string& reason, const std::vector<std::string>& addresses) {
    Exposition found = scrape_until([&](const Exposition& now) {
      return std::all_of(addresses.begin(), addresses.end(),
                         [&](const std::string& address) { return is(now, address, state, reason); });
    });
    for (const std::string& address : addresses) {
      SCOPED_TRACE(address);
      EXPECT_EQ(found.select("sounder_target_state_info", {{"address", address}}).size(), 1U);
      const double up = found.value("sounder_target_up", {{"address", address}}).value_or(-1);
      EXPECT_TRUE(state == "unreachable" ? std::isnan(up) : up == (state == "up" ? 1 : 0)) << up;
      EXPECT_EQ(told_by_api(address), state + " " + reason);
    }
    return found;
  }

  std::string told_by_api(const std::string& address) {
    const json::value list = json::parse(daemon_->get("/api/v1/targets").body);
    for (const json::value& target : list.at("targets").as_array()) {
      if (target.at("address").as_string() != address) continue;
      return std::string(target.at("state").as_string()) + " " + std::string(target.at("reason").as_string());
    }
    return "nothing";
  }

  /// A cycle has its price in system calls. A loop that spins on what it is refused makes a hundred thousand a second.
  void expect_no_spin(const Exposition& before, const Exposition& after) {
    const auto grown = [&](const char* metric) { return after.sum(metric) - before.sum(metric); };
    EXPECT_LE(grown("sounder_cycle_seconds_count"), 20 * grown("sounder_probes_due_total") + 1000);
  }

  /// The daemon was never wrong about itself, nor about who needs no network.
  void TearDown() override {
    if (!daemon_) return;
    const Exposition end = scrape();
    EXPECT_EQ(end.sum("sounder_accounting_mismatches_total"), 0);
    EXPECT_TRUE(is(end, kHere, "up", "none"));
    expect_nothing_amiss(end, kHere);
    EXPECT_EQ(daemon_->stop(), 0);
  }

  /// No probe of it failed. A busy machine may have let a due time slip.
  static void expect_nothing_amiss(const Exposition& scrape, const std::string& address) {
    for (const char* outcome : {"timeout", "icmp_error", "local_drop", "send_failed"}) {
      EXPECT_EQ(outcomes(scrape, outcome, address), 0) << address << " " << outcome;
    }
  }

  /// Waits until each of them had `count` more sends that failed than `before`, for `reason` alone, and nothing else
  /// happened to them.
  Exposition expect_refused(const Exposition& before, const std::string& reason,
                            const std::vector<std::string>& addresses, double count = 20) {
    const auto failed = [&](const Exposition& now, const std::string& address) {
      return outcomes(now, "send_failed", address) - outcomes(before, "send_failed", address);
    };
    Exposition after = scrape_until([&](const Exposition& now) {
      return std::all_of(addresses.begin(), addresses.end(),
                         [&](const std::string& address) { return failed(now, address) >= count; });
    });
    for (const std::string& address : addresses) {
      EXPECT_EQ(outcomes(after, "timeout", address), outcomes(before, "timeout", address)) << address;
      EXPECT_EQ(outcomes(after, "icmp_error", address), outcomes(before, "icmp_error", address)) << address;
    }
    // A scrape is no snapshot: while it is written, sends go on, and the engine's totals come before the targets'. The
    // next one has in its totals what this one has of the targets.
    const Exposition next = scrape();
    EXPECT_GE(send_errors(next, reason) - send_errors(before, reason), count * static_cast<double>(addresses.size()));
    EXPECT_EQ(after.sum("sounder_send_errors_total") - before.sum("sounder_send_errors_total"),
              send_errors(after, reason) - send_errors(before, reason));
    expect_no_spin(before, after);
    return after;
  }

  /// After what `mend` did has ended, not one more send of these fails, and all come up.
  void expect_back_at_once(const std::function<void()>& mend, const std::vector<std::string>& addresses) {
    mend();
    const Exposition before = scrape();
    const Exposition after = expect("up", "none", addresses);
    for (const std::string& address : addresses) {
      EXPECT_EQ(outcomes(after, "send_failed", address), outcomes(before, "send_failed", address)) << address;
    }
  }

  std::unique_ptr<testing::VethPair> lab_;
  std::unique_ptr<testing::InNamespace> inside_;
  std::unique_ptr<testing::Daemon> daemon_;
};

TEST_F(NetworkLab, ALinkThatIsDownMakesEverybodyBehindItUnreachable) {
  start_with_four();
  here("ip link set va down");
  const Exposition down = expect("unreachable", "no_route", {kNear4, kNear6, kFar4, kFar6});
  expect_refused(down, "no_route", {kNear4, kNear6, kFar4, kFar6});
  expect_back_at_once(
      [this] {
        lab_->monitor.feed("ip -batch -",
                           "link set va up\n"
                           "addr replace fd99::1/64 dev va nodad\n"
                           "route replace 10.100.0.0/16 via 10.99.0.2\n"
                           "route replace fd10::/64 via fd99::2\n");
      },
      {kNear4, kNear6, kFar4, kFar6});
}

TEST_F(NetworkLab, AnotherAddressIsTheSourceAtOnce) {
  start_with_four();
  // IPv6 keeps routes by a gateway that it has no address to reach from.
  here("ip -6 route del fd10::/64");
  here("ip addr flush dev va");
  expect("unreachable", "no_route", {kNear4, kNear6, kFar4, kFar6});
  // Whoever comes up from now on has answered the new address.
  lab_->responder.feed("nft -f -", R"(
table inet lab {
  chain prerouting {
    type filter hook prerouting priority 0;
    icmp type echo-request ip saddr != 10.99.0.7 drop
    icmpv6 type echo-request ip6 saddr != fd99::7 drop
  }
}
)");
  expect_back_at_once(
      [this] {
        lab_->monitor.feed("ip -batch -",
                           "addr add 10.99.0.7/16 dev va\n"
                           "addr add fd99::7/64 dev va nodad\n"
                           "route replace 10.100.0.0/16 via 10.99.0.2\n"
                           "route replace fd10::/64 via fd99::2\n");
      },
      {kNear4, kNear6, kFar4, kFar6});
}

TEST_F(NetworkLab, ARouteThatIsGoneHarmsOnlyWhoIsBehindIt) {
  start_with_four();
  const Exposition before = scrape();
  here("ip route del 10.100.0.0/16");
  here("ip -6 route del fd10::/64");
  expect("unreachable", "no_route", {kFar4, kFar6});
  const Exposition gone = expect_refused(before, "no_route", {kFar4, kFar6});
  expect_back_at_once(
      [this] {
        here("ip route add 10.100.0.0/16 via 10.99.0.2");
        here("ip -6 route add fd10::/64 via fd99::2");
      },
      {kFar4, kFar6});
  const Exposition after = scrape();
  for (const char* near : {kNear4, kNear6}) expect_nothing_amiss(after, near);
}

TEST_F(NetworkLab, WhatASilentGatewaySwallowsWasNotSent) {
  start_with_four();
  const Exposition before = scrape();
  here("ip route replace 10.100.0.0/16 via 10.99.0.77");
  here("ip -6 route replace fd10::/64 via fd99::77");
  expect("unreachable", "not_sent", {kFar4, kFar6});
  expect_refused(before, "not_sent", {kFar4, kFar6});
  here("ip route replace 10.100.0.0/16 via 10.99.0.2");
  here("ip -6 route replace fd10::/64 via fd99::2");
  expect("up", "none", {kFar4, kFar6});
}

TEST_F(NetworkLab, AHostOnTheLinkThatDoesNotAnswerForItsLinkAddressIsDown) {
  start("10.99.0.77, \"fd99::77\"");
  const Exposition down = expect("down", "no_neighbour", {"10.99.0.77", "fd99::77"});
  EXPECT_EQ(down.sum("sounder_send_errors_total"), 0);
  EXPECT_EQ(down.sum("sounder_probes_total", {{"outcome", "send_failed"}}), 0);
}

TEST_F(NetworkLab, ALostCarrierIsUnreachableAndNotDown) {
  start("10.99.0.2, 10.100.0.1");
  expect("up", "none", {kNear4, kFar4});
  const Exposition before = scrape();
  there("ip link set vb down");
  expect("unreachable", "no_carrier", {kNear4, kFar4});
  const Exposition after = scrape_until([&](const Exposition& now) {
    return outcomes(now, "send_failed", kNear4) >= 20 && outcomes(now, "send_failed", kFar4) >= 20;
  });
  expect_no_spin(before, after);
  EXPECT_TRUE(is(after, kNear4, "unreachable", "no_carrier"));
  EXPECT_TRUE(is(after, kFar4, "unreachable", "no_carrier"));
  there("ip link set vb up");
  expect("up", "none", {kNear4, kFar4});
}

TEST_F(NetworkLab, AnInterfaceThatComesAndGoesIsFollowed) {
  start("{host: 10.97.0.2, interface: vx}");
  for (int round = 0; round < 2; ++round) {
    const Exposition before = expect("unreachable", "no_device", {"10.97.0.2"});
    expect_refused(before, "no_device", {"10.97.0.2"});
    here("ip link add vx type veth peer name vy netns " + lab_->responder.name());
    there("ip link set vy up");
    there("ip addr add 10.97.0.2/24 dev vy");
    here("ip link set vx up");
    here("ip addr add 10.97.0.1/24 dev vx");
    expect("up", "none", {"10.97.0.2"});
    here("ip link del vx");
  }
}

TEST_F(NetworkLab, AFilterOfOurOwnIsNotPermitted) {
  start_with_four();
  const Exposition before = scrape();
  lab_->monitor.feed("nft -f -", R"(
table inet lab {
  chain output {
    type filter hook output priority 0;
    ip daddr 10.100.0.0/16 drop
    ip6 daddr fd10::/64 drop
  }
}
)");
  expect("unreachable", "not_permitted", {kFar4, kFar6});
  expect_refused(before, "not_permitted", {kFar4, kFar6});
  expect_back_at_once([this] { here("nft delete table inet lab"); }, {kFar4, kFar6});
}

TEST_F(NetworkLab, RoutesThatRefuseAreNoRoutes) {
  start("10.101.0.1, 10.102.0.1, \"fd11::1\", \"fd12::1\"");
  here("ip route add blackhole 10.101.0.0/16");
  here("ip route add unreachable 10.102.0.0/16");
  here("ip -6 route add blackhole fd11::/64");
  here("ip -6 route add unreachable fd12::/64");
  const std::vector<std::string> refused{"10.101.0.1", "10.102.0.1", "fd11::1", "fd12::1"};
  const Exposition before = expect("unreachable", "no_route", refused);
  expect_refused(before, "no_route", refused);
}

TEST_F(NetworkLab, WhatARouteProhibitsIsDenied) {
  here("ip route add prohibit 10.103.0.0/16");
  here("ip -6 route add prohibit fd13::/64");
  start("10.103.0.1, \"fd13::1\"");
  const Exposition before = expect("unreachable", "no_route", {"10.103.0.1", "fd13::1"});
  expect_refused(before, "access_denied", {"10.103.0.1", "fd13::1"});
}

TEST_F(NetworkLab, ABroadcastAddressIsDenied) {
  start("10.99.255.255");
  const Exposition before = expect("unreachable", "access_denied", {"10.99.255.255"});
  expect_refused(before, "access_denied", {"10.99.255.255"});
}

TEST_F(NetworkLab, WhatIsTooBigForTheLinkIsNeverSent) {
  start("{host: 10.100.0.1, size: 3000, dont_fragment: true}, {host: \"fd10::1\", size: 3000, dont_fragment: true}");
  const Exposition before = expect("unreachable", "message_too_big", {kFar4, kFar6});
  expect_refused(before, "message_too_big", {kFar4, kFar6});
  expect_back_at_once(
      [this] {
        there("ip link set vb mtu 4000");
        here("ip link set va mtu 4000");
      },
      {kFar4, kFar6});
}

TEST_F(NetworkLab, ASourceThatIsNotOursIsRefused) {
  start("{host: 10.100.0.1, source: 10.99.0.7}, {host: \"fd10::1\", source: \"fd99::7\"}");
  const Exposition before = expect("unreachable", "no_route", {kFar4});
  expect("unreachable", "invalid", {kFar6});
  const Exposition after = scrape_until([&](const Exposition& now) {
    return outcomes(now, "send_failed", kFar4) >= 20 && outcomes(now, "send_failed", kFar6) >= 20;
  });
  EXPECT_EQ(send_errors(after, "no_route") + send_errors(after, "invalid"), after.sum("sounder_send_errors_total"));
  EXPECT_EQ(after.sum("sounder_probes_total", {{"outcome", "timeout"}}), 0);
  expect_no_spin(before, after);
  expect_back_at_once(
      [this] {
        here("ip addr add 10.99.0.7/16 dev va");
        here("ip addr add fd99::7/64 dev va nodad");
      },
      {kFar4, kFar6});
}

TEST_F(NetworkLab, AFullQueueOfTheDeviceIsNoBuffer) {
  start_with_four();
  const Exposition before = scrape();
  try {
    // One packet in ten seconds.
    here("tc qdisc replace dev va root tbf rate 80bit burst 150 limit 150");
  } catch (const std::exception& error) {
    GTEST_SKIP() << error.what();
  }
  const Exposition full = scrape_until([&](const Exposition& now) { return send_errors(now, "no_buffer") >= 50; });
  expect_no_spin(before, full);
  here("tc qdisc del dev va root");
  const double failed = scrape().sum("sounder_send_errors_total");
  expect("up", "none", {kNear4, kNear6, kFar4, kFar6});
  scrape_until([&](const Exposition& now) { return outcomes(now, "reply", kFar4) > outcomes(full, "reply", kFar4); });
  EXPECT_EQ(scrape().sum("sounder_send_errors_total"), failed);
}

}  // namespace
}  // namespace sounder::lab
