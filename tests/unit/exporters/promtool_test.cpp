// A whole scrape through Prometheus' own checker.
#include <gtest/gtest.h>

#include <chrono>
#include <fstream>
#include <string>

#include "exporters/http/scrape.h"
#include "exporters/registry/daemon_collector.h"
#include "tests/support/daemon.h"
#include "tests/support/require.h"
#include "tests/unit/exporters/fake_status.h"
#include "tests/unit/exporters/targets.h"

namespace sounder::exporters {
namespace {

TEST(Metrics, PromtoolIsSilent) {
  SOUNDER_SKIP_WITHOUT(std::ifstream("/usr/bin/promtool").good(), "promtool (Debian: prometheus) is not installed");
  testing::FakeDaemon daemon;
  daemon.snapshot = testing::make_snapshot(150);
  http::Scrape scrape(registry::daemon_exposition(daemon.status(), {}), daemon.snapshot);
  std::string text;
  for (std::string_view slice; scrape.next(slice);) text += slice;
  const sounder::testing::TemporaryFolder folder;
  const auto file = folder.write("metrics", text);
  sounder::testing::ChildProcess promtool({"sh", "-c", "exec /usr/bin/promtool check metrics < " + file.string()});
  const auto code = promtool.wait_exit(std::chrono::seconds(60));
  promtool.wait_for_output([](const std::string&) { return false; }, std::chrono::seconds(60));
  EXPECT_EQ(code, 0);
  EXPECT_EQ(promtool.output(), "");
}

}  // namespace
}  // namespace sounder::exporters
