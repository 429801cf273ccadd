/// The kernel's stamps are of a clock that steps. Round-trip times must not.
#include "tests/sim/sim_test.h"

namespace sounder::sim {
namespace {

/// Steps of both sizes and signs, some of them while the daemon stands still, under traffic of 5 to 400 ms.
void shake_clock(Simulation& simulation) {
  for (std::uint32_t i = 0; i < 80; ++i) {
    const auto delay = std::chrono::milliseconds(5 + 5 * i);
    simulation.add(address(i), every_second(), Host::that(Answer::kReply, {.delay = delay, .jitter = 3ms}));
  }
  simulation.run_for(5s);
  for (const base::Duration step :
       {base::Duration(1h), base::Duration(50ms), base::Duration(-1h), base::Duration(-50ms)}) {
    for (int round = 0; round < 10; ++round) {
      simulation.clock().step(step + std::chrono::microseconds(17 * round));
      simulation.run_for(2s);
      simulation.stall(60ms);
      simulation.clock().step(step / 2);
      simulation.stall(70ms);
      simulation.run_for(1700ms);
    }
  }
}

TEST(SteppedClock, LeavesEveryRoundTripTimeWithinThePath) {
  Simulation simulation{SimulationConfig{.seed = 31}};
  shake_clock(simulation);
  expect_sound(simulation);
  const Tally& tally = simulation.oracle().tally();
  EXPECT_EQ(tally.wrong_rtts, 0U);
  EXPECT_GT(tally.outcome(OutcomeKind::kReply), 10'000U);
  EXPECT_GT(tally.kernel_rtts, tally.outcome(OutcomeKind::kReply) / 2);
  EXPECT_LT(tally.kernel_rtts, tally.outcome(OutcomeKind::kReply));
}

TEST(SteppedClock, SpoilsRoundTripTimesWithoutTheBracketCheck) {
  Simulation simulation{SimulationConfig{.seed = 31, .bracket_check = false}};
  shake_clock(simulation);
  EXPECT_GT(simulation.oracle().tally().wrong_rtts, 100U);
}

TEST(SlewedClock, KeepsRoundTripTimesWithinThePath) {
  for (const std::int64_t ppm : {500, -500}) {
    Simulation simulation{SimulationConfig{.seed = 37}};
    simulation.clock().slew(ppm);
    for (std::uint32_t i = 0; i < 20; ++i) {
      const auto delay = std::chrono::milliseconds(50 * i);
      simulation.add(address(i), every_second(), Host::that(Answer::kReply, {.delay = delay}));
    }
    simulation.run_for(60s);
    expect_sound(simulation);
    const Tally& tally = simulation.oracle().tally();
    // A clock that runs fast may make more of a long path than the bracket, which is then the better measure.
    if (ppm < 0) {
      EXPECT_EQ(tally.kernel_rtts, tally.outcome(OutcomeKind::kReply));
    }
    EXPECT_GT(tally.outcome(OutcomeKind::kReply), 1000U);
  }
}

TEST(SteppedClock, MovesNoDueTime) {
  Simulation simulation{SimulationConfig{.seed = 41}};
  const TargetIndex index = simulation.add(address(1), every_second(), Host::that(Answer::kReply));
  for (int i = 0; i < 10; ++i) {
    simulation.run_for(6s);
    simulation.clock().step(i % 2 == 0 ? base::Duration(1h) : base::Duration(-1h));
  }
  expect_sound(simulation);
  const probe::TargetNumbers numbers = simulation.numbers_of(index);
  EXPECT_GE(numbers.due, 59U);
  EXPECT_LE(numbers.due, 61U);
  EXPECT_EQ(numbers.outcome(OutcomeKind::kReply) + numbers.in_flight, numbers.due);
}

/// While a host is suspended its monotonic clock stands still and its realtime clock goes on (clock_gettime(2)).
TEST(SuspendedHost, MakesUpForNothingAndMeasuresNoneOfIt) {
  Simulation simulation{SimulationConfig{.seed = 43}};
  for (std::uint32_t i = 0; i < 40; ++i) {
    const auto delay = std::chrono::milliseconds(10 + 20 * i);
    simulation.add(address(i), every_second(), Host::that(Answer::kReply, {.delay = delay}));
  }
  for (int night = 0; night < 20; ++night) {
    simulation.run_for(2300ms);
    simulation.clock().step(8h);
  }
  simulation.run_for(14s);
  expect_sound(simulation);
  const Tally& tally = simulation.oracle().tally();
  EXPECT_EQ(tally.wrong_rtts, 0U);
  EXPECT_EQ(tally.outcome(OutcomeKind::kSlipped), 0U);
  EXPECT_EQ(tally.outcome(OutcomeKind::kTimeout), 0U);
  EXPECT_GE(tally.outcome(OutcomeKind::kReply), 40U * 58);
  EXPECT_LE(tally.outcome(OutcomeKind::kReply), 40U * 61);
}

}  // namespace
}  // namespace sounder::sim
