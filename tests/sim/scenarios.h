/// Whole runs that tests and benchmarks share.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

#include "tests/sim/oracle.h"
#include "tests/sim/random.h"

namespace sounder::sim {

/// Equal targets at one probe a second each.
struct Day {
  std::uint64_t seed = 1;
  std::size_t targets = 1000;
  base::Duration duration = std::chrono::hours(24);
  Ppm loss = 10'000;
};

struct DayResult {
  std::uint64_t hash = 0;  ///< of the outcome stream
  std::uint64_t probes = 0;
  Tally tally;
  std::string violations;  ///< empty if there are none
};

[[nodiscard]] DayResult simulate_day(const Day& day);

}  // namespace sounder::sim
