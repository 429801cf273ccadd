// The end comes at once, whatever hangs.
#include <gtest/gtest.h>

#include <csignal>
#include <string>

#include "tests/e2e/program.h"
#include "tests/support/daemon.h"
#include "tests/support/netns.h"
#include "tests/support/require.h"

namespace sounder::testing {
namespace {

/// 100,000 targets, probed rarely, and names enough to keep every worker waiting.
std::string large_config() {
  std::string yaml =
      "defaults: {interval: 10m}\n"
      "groups:\n"
      "  - {name: many, targets: [127.1.0.0/16, 127.2.0.1 - 127.2.134.163]}\n"
      "  - name: names\n"
      "    targets:\n";
  for (int i = 0; i < 50; ++i) yaml += "      - host" + std::to_string(i) + ".test\n";
  return yaml;
}

TEST(Stop, IsAtOnceWithManyTargetsAndAHangingResolver) {
  SOUNDER_SKIP_WITHOUT(can_make_namespaces(), "root and iproute2, for a name server that swallows every question");
  const VethPair wire;
  wire.monitor.run("ip route add 192.0.2.1/32 via 10.99.0.2");
  wire.responder.run("ip route add blackhole 192.0.2.1/32");
  const TemporaryFolder folder;
  const auto resolv_conf =
      folder.write("resolv.conf", "nameserver 192.0.2.1\noptions timeout:30 attempts:5\n").string();
  const auto config = folder.write("sounder.yaml", large_config()).string();

  const InNamespace inside(wire.monitor);
  ChildProcess daemon({"unshare", "--mount", "sh", "-c",
                       "mount --bind " + resolv_conf + " /etc/resolv.conf && exec " SOUNDER_BINARY " run -c " + config +
                           " --listen 127.0.0.1:0 --broker " + (folder.path() / "broker.sock").string()});
  ASSERT_TRUE(daemon.wait_for_output([](const auto& log) { return log.find("msg=ready") != log.npos; }, Daemon::kHang))
      << daemon.output();
  ASSERT_EQ(daemon.output().find("name does not resolve"), std::string::npos) << "no look-up hangs";
  daemon.signal(SIGTERM);
  // A look-up would hold it for minutes; an idle machine needs a fraction of a second.
  EXPECT_EQ(daemon.wait_exit(std::chrono::seconds(10)), 0) << daemon.output();
}

}  // namespace
}  // namespace sounder::testing
