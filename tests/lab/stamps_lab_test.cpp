// Who stamped the two ends of each round trip, as the daemon tells it: on both kinds of sockets, and switched off.
#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/daemon.h"
#include "tests/support/netns.h"
#include "tests/support/require.h"

namespace sounder::lab {
namespace {

using testing::Daemon;
using testing::Exposition;
using testing::InNamespace;
using testing::VethPair;

constexpr double kReplies = 4'000;

/// 200 targets of each family, 4,000 probes a second.
constexpr const char* kTargets = R"(
defaults: {interval: 100ms, timeout: 500ms}
groups:
  - {name: four, targets: [10.100.0.1-10.100.0.200]}
  - {name: six, targets: ["fd10::1-fd10::c8"]}
)";

enum class Sockets { kRaw, kPing };

double replies(const Exposition& scrape) { return scrape.sum("sounder_probes_total", {{"outcome", "reply"}}); }

double stamped(const Exposition& scrape, const std::string& tx, const std::string& rx) {
  return scrape.sum("sounder_rtt_stamps_total", {{"tx", tx}, {"rx", rx}});
}

/// root without the right to raw sockets.
std::vector<std::string> wrapper(Sockets sockets) {
  if (sockets == Sockets::kRaw) return {};
  return {"setpriv", "--bounding-set", "-net_raw", "--inh-caps", "-net_raw"};
}

/// Whether anybody in the calling thread's namespace has a raw ICMPv4 socket: a line after the title.
bool raw_socket_exists() {
  std::ifstream table("/proc/thread-self/net/raw");
  std::string line;
  return std::getline(table, line) && std::getline(table, line);
}

/// The daemon's numbers once no reply can come any more: the families of a scrape are read one after the other, and
/// only then belong to one moment.
Exposition settled_numbers(const std::string& yaml, Sockets sockets) {
  VethPair lab;
  lab.monitor.run("sysctl -qw net.ipv4.ping_group_range='0 0'");
  const InNamespace inside(lab.monitor);
  Daemon daemon(yaml, {}, wrapper(sockets));
  EXPECT_EQ(raw_socket_exists(), sockets == Sockets::kRaw);
  daemon.scrape_until([](const auto& scrape) { return replies(scrape) >= kReplies; });
  lab.responder.run("ip link set vb down");
  // Whatever times out was sent after the last reply had come, or nearly so; two scrapes alike are the end.
  double last = -1;
  auto scrape = daemon.scrape_until([&last](const auto& now) {
    const bool silent = now.sum("sounder_probes_total") - replies(now) >= kReplies;
    return silent && std::exchange(last, replies(now)) == replies(now);
  });
  EXPECT_EQ(daemon.stop(), 0);
  return scrape;
}

class StampsLab : public ::testing::TestWithParam<Sockets> {};

TEST_P(StampsLab, BothStampsOfEveryReplyAreTheKernels) {
  SOUNDER_SKIP_WITHOUT(testing::can_make_namespaces(), "needs root and iproute2 to make network namespaces");
  const auto scrape = settled_numbers(kTargets, GetParam());
  EXPECT_GE(replies(scrape), kReplies);
  EXPECT_EQ(scrape.sum("sounder_rtt_stamps_total"), replies(scrape));
  EXPECT_EQ(stamped(scrape, "kernel", "kernel"), replies(scrape));
}

TEST_P(StampsLab, SwitchedOffNoneIs) {
  SOUNDER_SKIP_WITHOUT(testing::can_make_namespaces(), "needs root and iproute2 to make network namespaces");
  const auto scrape = settled_numbers(std::string("engine: {stamps: user}") + kTargets, GetParam());
  EXPECT_GE(replies(scrape), kReplies);
  EXPECT_EQ(scrape.sum("sounder_rtt_stamps_total"), replies(scrape));
  EXPECT_EQ(stamped(scrape, "user", "user"), replies(scrape));
}

INSTANTIATE_TEST_SUITE_P(Sockets, StampsLab, ::testing::Values(Sockets::kRaw, Sockets::kPing),
                         [](const auto& test) { return test.param == Sockets::kRaw ? "Raw" : "Ping"; });

}  // namespace
}  // namespace sounder::lab
