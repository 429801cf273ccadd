/// Changes of the target set under traffic.
#include <map>

#include "tests/sim/sim_test.h"

namespace sounder::sim {
namespace {

TEST(Reload, KeepsCountersPhaseAndProbesOfWhatDidNotChange) {
  Simulation simulation{SimulationConfig{.seed = 53}};
  Random random(59);
  const Host host = Host::that(Answer::kReply, {.delay = 50ms, .jitter = 200ms});
  std::vector<TargetIndex> kept;
  std::vector<TargetIndex> changing;
  for (std::uint32_t i = 0; i < 200; ++i) kept.push_back(simulation.add(address(i), every_second(), host));
  for (std::uint32_t i = 200; i < 400; ++i) changing.push_back(simulation.add(address(i), every_second(), host));
  simulation.run_for(5s);
  std::uint32_t next = 400;
  for (int round = 0; round < 100; ++round) {
    for (int change = 0; change < 20; ++change) {
      TargetIndex& index = changing[random.below(changing.size())];
      if (simulation.target(index).record == nullptr || !simulation.target(index).live) continue;
      if (random.below(2) == 0) {
        probe::ProbeOptions options = every_second();
        options.interval = random.between(50ms, 2s);
        options.timeout = random.between(20ms, 3s);
        simulation.update(index, options);
      } else {
        simulation.remove(index);
        index = simulation.add(address(next++), every_second(), host);
      }
      simulation.submit();
      simulation.run_for(random.up_to(60ms));
    }
    simulation.run_for(300ms);
    simulation.oracle().check_numbers();
  }
  expect_sound(simulation);
  for (const TargetIndex index : kept) {
    const probe::TargetNumbers numbers = simulation.numbers_of(index);
    EXPECT_EQ(numbers.outcome(OutcomeKind::kReply) + numbers.in_flight, numbers.due);
    EXPECT_EQ(numbers.stray(StrayKind::kLate), 0U);
  }
}

TEST(Reload, OfTenThousandTargetsDelaysNoProbe) {
  Simulation simulation{SimulationConfig{.seed = 61}};
  const Host host = Host::that(Answer::kReply, {.delay = 10ms});
  const TargetIndex kept = simulation.add(address(1), every_second(), host);
  simulation.run_for(2s);
  for (std::uint32_t i = 2; i < 10'002; ++i) simulation.add(address(i), every_second(), host);
  simulation.run_for(5s);
  for (TargetIndex index = kept + 1; index < 10'001; ++index) simulation.remove(index);
  simulation.run_for(5s);
  expect_sound(simulation);
  EXPECT_EQ(simulation.engine().targets(), 1U);
  const probe::TargetNumbers numbers = simulation.numbers_of(kept);
  EXPECT_EQ(numbers.outcome(OutcomeKind::kReply) + numbers.in_flight, numbers.due);
  EXPECT_GE(numbers.due, 11U);
  EXPECT_LE(numbers.due, 13U);
}

}  // namespace
}  // namespace sounder::sim
