/// How fast the simulator runs the engine, and that the same seed gives the same run: a day of equal targets, twice.
///
/// Usage: bench_sim [TARGETS [HOURS [SEED]]]. Exits with 1 if the two runs differ or an invariant broke.
#include <fmt/format.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "tests/sim/scenarios.h"

namespace {

using sounder::sim::Day;
using sounder::sim::DayResult;

std::uint64_t argument(int count, char** values, int index, std::uint64_t otherwise) {
  return index < count ? std::strtoull(values[index], nullptr, 10) : otherwise;
}

DayResult run(const Day& day) {
  const auto began = std::chrono::steady_clock::now();
  const DayResult result = sounder::sim::simulate_day(day);
  const double real = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  const double virtual_seconds = sounder::base::to_seconds(day.duration);
  fmt::print(
      "{} probes of {} targets in {:.0f} h of virtual time: {:.1f} s, {:.0f} times real time, {:.0f} probes/s, hash "
      "{:016x}\n",
      result.probes, day.targets, virtual_seconds / 3600, real, virtual_seconds / real,
      static_cast<double>(result.probes) / real, result.hash);
  fmt::print("{}", result.violations);
  std::fflush(stdout);
  return result;
}

}  // namespace

int main(int argc, char** argv) {
  Day day;
  day.targets = argument(argc, argv, 1, 1000);
  day.duration = std::chrono::hours(argument(argc, argv, 2, 24));
  day.seed = argument(argc, argv, 3, 1);
  day.loss = 10'000;
  const DayResult first = run(day);
  const DayResult second = run(day);
  const bool same = first.hash == second.hash;
  const bool sound = first.violations.empty() && second.violations.empty();
  fmt::print("the same seed gave {} outcome stream\n", same ? "the same" : "ANOTHER");
  return same && sound ? EXIT_SUCCESS : EXIT_FAILURE;
}
