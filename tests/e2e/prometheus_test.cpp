// A real Prometheus scrapes the real daemon.
#include <gtest/gtest.h>
#include <unistd.h>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <memory>
#include <optional>
#include <regex>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/e2e/program.h"
#include "tests/support/daemon.h"
#include "tests/support/require.h"

namespace sounder::testing {
namespace {

namespace json = boost::json;

struct Point {
  double time = 0;
  double value = 0;
};
using Series = std::vector<Point>;

/// On a port of the system's choice, scraping `port` every second into a folder of its own.
class Prometheus {
 public:
  explicit Prometheus(std::uint16_t port) {
    const auto config = folder_.write("prometheus.yml",
                                      "global: {scrape_interval: 1s, scrape_timeout: 1s}\n"
                                      "scrape_configs:\n"
                                      "  - job_name: sounder\n"
                                      "    static_configs: [{targets: ['127.0.0.1:" +
                                          std::to_string(port) + "']}]\n");
    process_ = std::make_unique<ChildProcess>(std::vector<std::string>{
        "prometheus", "--config.file=" + config.string(), "--storage.tsdb.path=" + (folder_.path() / "data").string(),
        "--web.listen-address=127.0.0.1:0"});
    if (!process_->wait_for_output([](const auto& log) { return find_port(log).has_value(); }, Daemon::kHang)) {
      throw std::runtime_error("prometheus did not listen:\n" + process_->output());
    }
    port_ = *find_port(process_->output());
  }

  /// Every sample of the last five minutes of each series of `selector`.
  std::vector<Series> samples(const std::string& selector) const {
    const auto answer = http_request(port_, "GET", "/api/v1/query?query=" + selector + "[5m]");
    if (answer.status != 200) return {};
    std::vector<Series> all;
    const auto document = json::parse(answer.body);
    for (const auto& result : document.at("data").at("result").as_array()) {
      Series series;
      for (const auto& point : result.at("values").as_array()) {
        series.push_back(
            {.time = point.at(0).to_number<double>(), .value = std::stod(std::string(point.at(1).as_string()))});
      }
      all.push_back(std::move(series));
    }
    return all;
  }

  bool runs_for(std::chrono::milliseconds pause) { return process_->runs_for(pause); }

 private:
  static std::optional<std::uint16_t> find_port(const std::string& log) {
    static const std::regex pattern(R"re(msg="Listening on" address=127\.0\.0\.1:(\d+))re");
    std::smatch match;
    if (!std::regex_search(log, match, pattern)) return std::nullopt;
    return static_cast<std::uint16_t>(std::stoul(match[1]));
  }

  TemporaryFolder folder_;
  std::unique_ptr<ChildProcess> process_;
  std::uint16_t port_ = 0;
};

TEST(Prometheus, SeesTheConfiguredRateForAMinute) {
  SOUNDER_SKIP_WITHOUT(::geteuid() == 0, "raw sockets, so root");
  SOUNDER_SKIP_WITHOUT(run_program({"sh", "-c", "command -v prometheus"}).code == 0, "the package prometheus");
  Daemon daemon("defaults: {interval: 100ms}\ngroups: [{name: lo, targets: [127.0.1.0/28, '::1']}]\n");
  Prometheus prometheus(daemon.port());

  constexpr std::size_t kScrapes = 61;
  std::vector<Series> up;
  while (up.empty() || up.front().size() < kScrapes) {
    ASSERT_TRUE(prometheus.runs_for(std::chrono::milliseconds(500)));
    up = prometheus.samples("up");
    ASSERT_TRUE(up.empty() || up.front().empty() || up.front().back().value == 1) << "a scrape failed";
  }
  ASSERT_EQ(up.size(), 1U);
  for (const Point& point : up.front()) EXPECT_EQ(point.value, 1) << "at " << point.time;

  for (const char* counter : {"sounder_probes_due_total", "sounder_probes_total%7Boutcome=%22reply%22%7D"}) {
    const auto all = prometheus.samples(counter);
    EXPECT_EQ(all.size(), 15U) << counter;
    for (const Series& series : all) {
      const double rate = (series.back().value - series.front().value) / (series.back().time - series.front().time);
      EXPECT_NEAR(rate, 10, 0.1) << counter;
    }
  }
}

}  // namespace
}  // namespace sounder::testing
