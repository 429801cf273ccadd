// What the daemon does to itself: a receive queue that is too small, and a stop of its process. Both are told as that,
// and nothing of them is taken for the network's loss.
#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <optional>
#include <string>

#include "tests/lab/tun_responder.h"
#include "tests/support/daemon.h"
#include "tests/support/netns.h"
#include "tests/support/require.h"

namespace sounder::lab {
namespace {

using namespace std::chrono_literals;
using testing::Daemon;
using testing::Exposition;

double outcomes(const Exposition& scrape, const std::string& outcome) {
  return scrape.sum("sounder_probes_total", {{"outcome", outcome}});
}

/// A host whose targets answer after a second, or never, behind TUN devices.
class OwnFaultsLab : public ::testing::Test {
 protected:
  static constexpr const char* kAnswering = "10.96.64.0-10.96.71.207";  // 2,000
  static constexpr const char* kSilent = "10.96.128.1-10.96.128.200";

  void SetUp() override {
    SOUNDER_SKIP_WITHOUT(testing::can_make_namespaces(), "needs root and iproute2 to make network namespaces");
    host_.emplace("faulty");
    inside_.emplace(*host_);
    answering_.emplace("answering0", ResponderPlan{.hold = 1s});
    silent_.emplace("silent0", ResponderPlan{.hold = 1h});
    host_->run("ip addr add 10.96.0.1/32 dev answering0");
    host_->run("ip route add 10.96.64.0/18 dev answering0");
    host_->run("ip route add 10.96.128.0/18 dev silent0 src 10.96.0.1");
  }

  /// Probes all of them once in `interval`.
  static std::string configuration(const char* interval, const char* engine) {
    return std::string("engine: ") + engine + "\ndefaults: {timeout: 3s, interval: " + interval +
           "}\ngroups: [{name: lab, targets: [" + kAnswering + ", " + kSilent + "]}]\n";
  }

  /// Time in which the daemon is stopped: as long as `time`, at the least.
  static void stop_for(Daemon& daemon, std::chrono::milliseconds time) {
    daemon.process().signal(SIGSTOP);
    daemon.run_for(time);
    daemon.process().signal(SIGCONT);
  }

  /// Probes hardly any more, and waits for a scrape in which none is in flight and around which none left: then it and
  /// what has been asked of the networks until then belong together.
  Exposition settle(Daemon& daemon, const char* engine) {
    daemon.rewrite_config(configuration("1h", engine));
    EXPECT_EQ(daemon.post("/-/reload").status, 200U);
    return daemon.scrape_until([this](const auto& now) {
      const double before = answered_ + unanswered_;
      answered_ = static_cast<double>(answering_->requests());
      unanswered_ = static_cast<double>(silent_->requests());
      return answered_ + unanswered_ == before && now.sum("sounder_probes_in_flight") == 0;
    });
  }

  double answered_ = 0;    ///< requests at the network that answers, as of settle()
  double unanswered_ = 0;  ///< and at the one that does not
  std::optional<testing::NetworkNamespace> host_;
  std::optional<testing::InNamespace> inside_;
  std::optional<TunResponder> answering_;
  std::optional<TunResponder> silent_;
};

TEST_F(OwnFaultsLab, WhatATinyQueueLosesIsLocalDropNeitherMoreNorLess) {
  constexpr const char* kEngine = "{receive_buffer: 64KiB}";
  Daemon daemon(configuration("1s", kEngine));
  for (int round = 1; round <= 3; ++round) {
    const double replies = outcomes(daemon.scrape(), "reply");
    daemon.scrape_until([&](const auto& now) { return outcomes(now, "reply") >= replies + 4'000; });
    stop_for(daemon, 1500ms);
  }
  const Exposition end = settle(daemon, kEngine);
  const double overflowed = end.sum("sounder_receive_queue_overflows_total");
  const double left = answered_ + unanswered_;
  EXPECT_GE(overflowed, 1'000);
  EXPECT_EQ(outcomes(end, "local_drop"), overflowed);
  EXPECT_EQ(outcomes(end, "timeout"), unanswered_);
  EXPECT_EQ(outcomes(end, "reply"), answered_ - overflowed);
  EXPECT_EQ(outcomes(end, "send_failed") + outcomes(end, "icmp_error"), 0);
  EXPECT_EQ(left + outcomes(end, "slipped"), end.sum("sounder_probes_due_total"));
  EXPECT_EQ(daemon.stop(), 0);
}

TEST_F(OwnFaultsLab, AStopOfFiveSecondsIsSlipsAndNoLoss) {
  Daemon daemon(configuration("250ms", "{}"));
  daemon.scrape_until([](const auto& now) { return outcomes(now, "reply") >= 10'000; });
  const double slipped = outcomes(daemon.scrape(), "slipped");
  stop_for(daemon, 5s);
  const double replies = outcomes(daemon.scrape(), "reply");
  const Exposition after =
      daemon.scrape_until([&](const auto& now) { return outcomes(now, "reply") >= replies + 8'000; });
  EXPECT_GE(outcomes(after, "slipped") - slipped, 2'200 * 15.0);

  const Exposition end = settle(daemon, "{}");
  EXPECT_EQ(outcomes(end, "reply"), answered_);
  EXPECT_EQ(outcomes(end, "timeout"), unanswered_);
  EXPECT_EQ(end.sum("sounder_stray_replies_total"), 0);
  for (const char* outcome : {"icmp_error", "local_drop", "send_failed"}) EXPECT_EQ(outcomes(end, outcome), 0);
  // The round-trip times are the network's, however long the replies lay unread.
  EXPECT_EQ(end.sum("sounder_rtt_seconds_bucket", {{"le", "0.8192"}}), 0);
  EXPECT_EQ(end.sum("sounder_rtt_seconds_bucket", {{"le", "3.2768"}}), end.sum("sounder_rtt_seconds_count"));
  EXPECT_EQ(daemon.stop(), 0);
}

}  // namespace
}  // namespace sounder::lab
