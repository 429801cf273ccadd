// Every scenario in real time: the real daemon's counts are those that follow from the network's log. The scenarios
// mostly wait, so they are played side by side, each with a namespace and a daemon of its own, before the first test
// looks at its result.
#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <thread>

#include "tests/lab/real_player.h"
#include "tests/lab/scenario_files.h"
#include "tests/support/netns.h"
#include "tests/support/require.h"

namespace sounder::lab {
namespace {

/// So many at once: more would wait for each other, on a small machine, when their daemons start.
constexpr std::size_t kAtOnce = 16;

/// What became of a scenario, in words; empty if all was right.
std::string play(const std::filesystem::path& file) {
  const auto scenario = read_scenario(file);
  if (!scenario) return scenario.error().message();
  try {
    const Played run = play_really(*scenario);
    if (run.requests == 0) return "no request came to the lab";
    return differences(*scenario, run).empty() ? "" : table(*scenario, run);
  } catch (const std::exception& error) {
    return error.what();
  }
}

class RealLab : public ::testing::TestWithParam<std::filesystem::path> {
 protected:
  static void SetUpTestSuite() {
    if (!testing::can_make_namespaces()) return;
    std::vector<std::filesystem::path> files = chosen();
    for (const auto& file : files) results_[file];
    std::atomic<std::size_t> next{0};
    std::vector<std::thread> players;
    for (std::size_t i = 0; i < std::min(kAtOnce, files.size()); ++i) {
      players.emplace_back([&] {
        for (std::size_t mine = next++; mine < files.size(); mine = next++)
          results_.at(files[mine]) = play(files[mine]);
      });
    }
    for (auto& player : players) player.join();
  }

  /// The scenarios of the tests that --gtest_filter lets run.
  static std::vector<std::filesystem::path> chosen() {
    std::vector<std::filesystem::path> files;
    const auto* suite = ::testing::UnitTest::GetInstance()->current_test_suite();
    for (int i = 0; i < suite->total_test_count(); ++i) {
      const auto* test = suite->GetTestInfo(i);
      for (const auto& file : scenario_files()) {
        if (test->should_run() && std::string(test->name()) == "CountsWhatTheLogHas/" + test_name(file)) {
          files.push_back(file);
        }
      }
    }
    return files;
  }

  static inline std::map<std::filesystem::path, std::string> results_;
};

INSTANTIATE_TEST_SUITE_P(Scenarios, RealLab, ::testing::ValuesIn(scenario_files()),
                         [](const auto& parameter) { return test_name(parameter.param); });

TEST_P(RealLab, CountsWhatTheLogHas) {
  SOUNDER_SKIP_WITHOUT(testing::can_make_namespaces(), "needs root and iproute2 to make network namespaces");
  EXPECT_EQ(results_.at(GetParam()), "");
}

}  // namespace
}  // namespace sounder::lab
