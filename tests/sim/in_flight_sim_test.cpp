/// More probes in flight than the 16 bits of a sequence number on the wire can tell apart.
#include "tests/sim/sim_test.h"

namespace sounder::sim {
namespace {

TEST(InFlight, SeventyThousandToOneTargetAreEachCreditedRightly) {
  SimulationConfig config{.seed = 43};
  config.max_in_flight = 100'000;
  config.pace = false;
  Simulation simulation(config);
  probe::ProbeOptions options = every_second();
  options.interval = 100us;
  options.timeout = 10s;
  // 10,000 probes a second, each of them 7 s under way and the paths of later ones crossing those of earlier ones.
  const TargetIndex index =
      simulation.add(address(1), options, Host::that(Answer::kReply, {.delay = 7s, .jitter = 100ms}));
  std::uint64_t most = 0;
  for (int second = 0; second < 22; ++second) {
    simulation.run_for(1s);
    simulation.oracle().check_numbers();
    most = std::max(most, simulation.numbers_of(index).in_flight);
  }
  expect_sound(simulation);
  const probe::TargetNumbers numbers = simulation.numbers_of(index);
  EXPECT_GE(most, 70'000U);
  EXPECT_GE(numbers.due, 200'000U);
  EXPECT_EQ(numbers.outcome(OutcomeKind::kReply) + numbers.in_flight, numbers.due);
  EXPECT_EQ(numbers.strays, (std::array<std::uint64_t, probe::kStrayKinds>{}));
  EXPECT_GT(numbers.reordered, 10'000U);
}

TEST(InFlight, LateRepliesAfterTheWireSequenceWrappedAreNobodyElses) {
  SimulationConfig config{.seed = 47};
  config.max_in_flight = 100'000;
  config.pace = false;
  Simulation simulation(config);
  probe::ProbeOptions options = every_second();
  options.interval = 100us;
  options.timeout = 1s;
  // A late reply comes when its 16-bit number is in use again, by a probe 65,536 later.
  Host host = Host::that(Answer::kLate, {.delay = 500ms});
  host.late = 6s;
  host.late_jitter = 200ms;
  simulation.add(address(1), options, host);
  simulation.run_for(20s);
  expect_sound(simulation);
  EXPECT_EQ(simulation.oracle().tally().outcome(OutcomeKind::kReply), 0U);
  EXPECT_GT(simulation.oracle().tally().stray(StrayKind::kLate), 100'000U);
}

}  // namespace
}  // namespace sounder::sim
