// Every scenario in virtual time: the engine's counts are those that follow from the network's log.
#include <gtest/gtest.h>

#include <chrono>

#include "tests/lab/scenario_files.h"
#include "tests/lab/virtual_player.h"

namespace sounder::lab {
namespace {

using namespace std::chrono_literals;

class VirtualLab : public ::testing::TestWithParam<std::filesystem::path> {};

INSTANTIATE_TEST_SUITE_P(Scenarios, VirtualLab, ::testing::ValuesIn(scenario_files()),
                         [](const auto& parameter) { return test_name(parameter.param); });

INSTANTIATE_TEST_SUITE_P(Long, VirtualLab, ::testing::ValuesIn(scenario_files("long")),
                         [](const auto& parameter) { return test_name(parameter.param); });

TEST_P(VirtualLab, CountsWhatTheLogHas) {
  const auto scenario = read_scenario(GetParam());
  ASSERT_TRUE(scenario) << scenario.error().message();
  const Played run = play_virtually(*scenario);
  EXPECT_GT(run.requests, 0U);
  EXPECT_TRUE(differences(*scenario, run).empty()) << table(*scenario, run);
  // Whoever waits for all of them in real time waits for the longest.
  const bool is_long = GetParam().parent_path().filename() == "long";
  EXPECT_TRUE(is_long || run.lasted <= 8s) << run.lasted.count() << " ns";
}

TEST_P(VirtualLab, IsReadAsItIsWritten) {
  const auto scenario = read_scenario(GetParam());
  ASSERT_TRUE(scenario) << scenario.error().message();
  const auto again = parse_scenario(scenario->name, write_scenario(*scenario));
  ASSERT_TRUE(again) << again.error().message();
  EXPECT_EQ(write_scenario(*again), write_scenario(*scenario));
}

/// The alarm works: a count that is off by one is named.
TEST(VirtualLabAlarm, NamesACountThatIsOffByOne) {
  const auto scenario = parse_scenario("one", "groups: [{name: a, first: 10.77.0.1}]");
  ASSERT_TRUE(scenario) << scenario.error().message();
  Played run = play_virtually(*scenario);
  ASSERT_TRUE(differences(*scenario, run).empty()) << table(*scenario, run);
  ++run.counted.groups[0].strays[0];
  EXPECT_EQ(differences(*scenario, run).size(), 1U);
}

}  // namespace
}  // namespace sounder::lab
