/// Many seeds, each a network, a configuration and faults of its own. tests/sim/README.md tells how to replay one.
#include <cstdlib>
#include <string>

#include "tests/sim/scenarios.h"
#include "tests/sim/sim_test.h"

namespace sounder::sim {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr std::uint64_t kRuns = 100;  // sanitizers make them ten times slower
#else
constexpr std::uint64_t kRuns = 300;
#endif

std::uint64_t from_environment(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::stoull(text);
}

TEST(Swarm, KeepsEveryInvariant) {
  const std::uint64_t first = from_environment("SOUNDER_SIM_SEED", 1);
  const std::uint64_t runs =
      from_environment("SOUNDER_SIM_RUNS", std::getenv("SOUNDER_SIM_SEED") != nullptr ? 1 : kRuns);
  for (std::uint64_t seed = first; seed < first + runs; ++seed) {
    const SwarmResult result = simulate_swarm(seed);
    EXPECT_TRUE(result.violations.empty())
        << "seed " << seed << " (" << result.description << "): " << result.violations << "replay with\n  "
        << "SOUNDER_SIM_SEED=" << seed << " sim_swarm_test\n";
  }
}

TEST(Swarm, ReplaysExactly) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) EXPECT_EQ(simulate_swarm(seed).hash, simulate_swarm(seed).hash);
}

/// The alarm works: a run in which the engine is lied to must be noticed.
TEST(Swarm, NoticesAnOutcomeThatNothingExplains) {
  Simulation simulation{SimulationConfig{.seed = 89}};
  const TargetIndex index = simulation.add(address(1), every_second(), Host::that(Answer::kReply));
  simulation.run_for(5s);
  ASSERT_TRUE(simulation.oracle().violations().none());
  probe::Actions actions;
  probe::Outcome invented;
  invented.target = simulation.target(index).slot;
  invented.kind = OutcomeKind::kReply;
  actions.outcomes.push_back(invented);
  simulation.oracle().on_events(actions);
  EXPECT_EQ(simulation.oracle().violations().count(), 1U);
  simulation.check();
  EXPECT_GT(simulation.oracle().violations().count(), 1U);
}

}  // namespace
}  // namespace sounder::sim
