#include "tests/sim/scenarios.h"

#include "tests/sim/addresses.h"
#include "tests/sim/simulation.h"

namespace sounder::sim {

namespace {

using namespace std::chrono_literals;

}  // namespace

DayResult simulate_day(const Day& day) {
  Simulation simulation{SimulationConfig{.seed = day.seed}};
  Random random(day.seed);
  for (std::uint32_t i = 0; i < day.targets; ++i) {
    Path path;
    path.delay = random.between(200us, 200ms);
    path.jitter = path.delay / 10;
    path.loss = day.loss;
    simulation.add(nth_address(i + 1), probe::ProbeOptions{}, Host::that(Answer::kReply, path));
  }
  simulation.oracle().remember_for(5s);
  simulation.run_for(day.duration);
  simulation.check();
  DayResult result;
  result.hash = simulation.oracle().hash();
  result.tally = simulation.oracle().tally();
  result.probes = simulation.packet_io().next_serial();
  if (!simulation.oracle().violations().none()) result.violations = simulation.oracle().violations().text();
  return result;
}

}  // namespace sounder::sim
