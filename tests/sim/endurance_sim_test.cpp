/// Days of virtual time: the same seed gives the same run, and nothing grows.
#include <memory>

#include "tests/sim/allocation_count.h"
#include "tests/sim/scenarios.h"
#include "tests/sim/sim_test.h"
#include "tests/sim/swarm.h"

namespace sounder::sim {
namespace {

#ifdef SOUNDER_SANITIZED
constexpr std::size_t kTargets = 5;  // sanitizers make it ten times slower, and the days are as long
#else
constexpr std::size_t kTargets = 100;
#endif

TEST(Endurance, ADayWithTheSameSeedIsTheSameDay) {
  const Day day{.seed = 67, .targets = kTargets, .duration = 24h, .loss = 10'000};
  const DayResult first = simulate_day(day);
  EXPECT_TRUE(first.violations.empty()) << first.violations;
  EXPECT_GE(first.probes, std::uint64_t{24} * 3600 * kTargets - 2 * kTargets);
  EXPECT_EQ(simulate_day(day).hash, first.hash);
}

TEST(Endurance, AnotherSeedIsAnotherDay) {
  const DayResult first = simulate_day({.seed = 71, .targets = 10, .duration = 1h, .loss = 10'000});
  EXPECT_NE(simulate_day({.seed = 73, .targets = 10, .duration = 1h, .loss = 10'000}).hash, first.hash);
}

TEST(Endurance, AWeekOfTotalLossAllocatesNothing) {
  Simulation simulation{SimulationConfig{.seed = 79}};
  for (std::uint32_t i = 0; i < 2; ++i) simulation.add(address(i), every_second(), Host::that(Answer::kSilent));
  simulation.run_for(60s);
  const std::uint64_t warm = Simulation::allocations();
  simulation.run_for(7 * 24h);
  expect_sound(simulation);
  EXPECT_EQ(Simulation::allocations(), warm);
  EXPECT_LE(simulation.engine().in_flight(), 6U);
  EXPECT_GE(simulation.oracle().tally().outcome(OutcomeKind::kTimeout), 7U * 24 * 3600 * 2 - 6);
}

TEST(Endurance, AllocationsWouldBeCounted) {
  const std::uint64_t before = Simulation::allocations();
  {
    const CountAllocations guard;
    const auto memory = std::make_unique<std::uint64_t>(before);
    EXPECT_EQ(*memory, before);
  }
  EXPECT_GT(Simulation::allocations(), before);
}

TEST(Endurance, TheEngineAllocatesNothingUnderTrafficAndFaults) {
  const std::uint64_t before = Simulation::allocations();
  const CourseResult result = run_course(draw_course(70));
  EXPECT_TRUE(result.sound()) << result.violations;
  EXPECT_EQ(Simulation::allocations(), before);
}

}  // namespace
}  // namespace sounder::sim
