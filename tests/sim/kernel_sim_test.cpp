/// What goes wrong on this host is told apart from what goes wrong in the network.
#include <numeric>

#include "tests/sim/sim_test.h"
#include "tests/unit/probe/fake_paths.h"

namespace sounder::sim {
namespace {

/// A hundred targets that reply, and ten that don't.
class FaultyKernel : public ::testing::Test {
 protected:
  void populate(probe::ProbeOptions options = every_second(), const Path& path = {.delay = 30ms, .jitter = 10ms}) {
    for (std::uint32_t i = 0; i < 110; ++i) {
      simulation_.add(address(i, i % 2 == 0 ? base::Family::kIpv4 : base::Family::kIpv6), options,
                      Host::that(i < 100 ? Answer::kReply : Answer::kSilent, path));
    }
  }
  [[nodiscard]] const Tally& tally() { return simulation_.oracle().tally(); }

  Simulation simulation_{SimulationConfig{.seed = 23}};
};

TEST_F(FaultyKernel, RefusedSendsAreCountedByReason) {
  populate();
  simulation_.kernel().refuse = 100'000;
  simulation_.run_for(60s);
  expect_sound(simulation_);
  const auto& errors = simulation_.numbers().send_errors;
  const std::uint64_t refused = std::accumulate(errors.begin(), errors.end(), std::uint64_t{0},
                                                [](std::uint64_t sum, const auto& count) { return sum + count; });
  EXPECT_GT(tally().outcome(OutcomeKind::kSendFailed), 500U);
  EXPECT_EQ(refused, tally().outcome(OutcomeKind::kSendFailed));
}

TEST_F(FaultyKernel, ProbesThatVanishBeforeTheWireAreLossesOfTheirOwn) {
  populate();
  simulation_.kernel().vanish = 100'000;
  simulation_.run_for(60s);
  expect_sound(simulation_);
  EXPECT_GT(tally().outcome(OutcomeKind::kTimeout) + tally().outcome(OutcomeKind::kSendFailed), 1000U);
  EXPECT_GT(tally().outcome(OutcomeKind::kReply), 5000U);
}

TEST_F(FaultyKernel, WhatVanishesOnTheWayToAGatewayWasNotSent) {
  const probe::testing::FakePaths paths(probe::testing::gateway());
  simulation_.follow(paths);
  populate();
  simulation_.kernel().vanish = 100'000;
  simulation_.run_for(60s);
  expect_sound(simulation_);  // each single one, by the oracle
  EXPECT_GT(tally().outcome(OutcomeKind::kSendFailed), 500U);
  EXPECT_GT(tally().outcome(OutcomeKind::kReply), 5000U);
}

TEST_F(FaultyKernel, WhatVanishesOnTheLinkIsTheTargetsSilence) {
  const probe::testing::FakePaths paths(probe::testing::on_link());
  simulation_.follow(paths);
  populate();
  simulation_.kernel().vanish = 100'000;
  simulation_.run_for(60s);
  expect_sound(simulation_);
  EXPECT_EQ(tally().outcome(OutcomeKind::kSendFailed), 0U);
  EXPECT_GT(tally().outcome(OutcomeKind::kTimeout), 1000U);
}

TEST_F(FaultyKernel, ALostStampIsNoLoss) {
  populate();
  simulation_.kernel().lose_stamp = 50'000;
  simulation_.run_for(60s);
  expect_sound(simulation_);
  EXPECT_EQ(tally().outcome(OutcomeKind::kSendFailed), 0U);
  EXPECT_LE(tally().outcome(OutcomeKind::kTimeout), 600U);
  EXPECT_GT(tally().kernel_rtts, 5000U);
  EXPECT_LT(tally().kernel_rtts, tally().outcome(OutcomeKind::kReply));
}

TEST_F(FaultyKernel, StampsMayComeAfterTheReply) {
  populate();
  simulation_.kernel().delay_stamp = 300'000;
  simulation_.kernel().stamp_delay = 200ms;
  simulation_.run_for(60s);
  expect_sound(simulation_);
  EXPECT_EQ(tally().outcome(OutcomeKind::kSendFailed), 0U);
  EXPECT_GT(tally().kernel_rtts, 4000U);
  EXPECT_LT(tally().kernel_rtts, tally().outcome(OutcomeKind::kReply));
}

TEST_F(FaultyKernel, PacketsWithoutStampsAreTimedByTheBracket) {
  populate();
  simulation_.kernel().no_rx_stamp = 300'000;
  simulation_.run_for(60s);
  expect_sound(simulation_);
  EXPECT_GT(tally().kernel_rtts, 3000U);
  EXPECT_LT(tally().kernel_rtts, tally().outcome(OutcomeKind::kReply) * 3 / 4);
  EXPECT_EQ(tally().stray(StrayKind::kLate), 0U);
}

TEST_F(FaultyKernel, ProbesHeldForANeighbourLeaveLaterWithTheirRoundTripTimeIntact) {
  populate();
  simulation_.kernel().hold = 100'000;
  simulation_.run_for(60s);
  expect_sound(simulation_);
  EXPECT_EQ(tally().outcome(OutcomeKind::kSendFailed), 0U);
  EXPECT_EQ(tally().kernel_rtts, tally().outcome(OutcomeKind::kReply));
}

TEST_F(FaultyKernel, AnOverflowOfNPacketsExcusesAtMostNProbes) {
  populate(every_second(), {.delay = 500ms});
  simulation_.run_for(5s);
  EXPECT_EQ(tally().outcome(OutcomeKind::kLocalDrop), 0U);
  // The daemon stops for a moment in which some fifty replies come, and there is room for ten.
  simulation_.kernel().receive_queue = 10;
  simulation_.stall(500ms);
  simulation_.kernel().receive_queue = 1'000'000;
  simulation_.run_for(10s);
  expect_sound(simulation_);
  EXPECT_GT(tally().overflowed, 0U);
  EXPECT_GT(tally().outcome(OutcomeKind::kLocalDrop), 0U);
  EXPECT_LE(tally().outcome(OutcomeKind::kLocalDrop), tally().overflowed);
  EXPECT_EQ(simulation_.numbers().receive_queue_overflows.load(), tally().overflowed);
}

TEST_F(FaultyKernel, NothingExpiresWhileItsReplyLiesUnread) {
  probe::ProbeOptions options = every_second();
  options.timeout = 100ms;
  populate(options);
  simulation_.run_for(3s);
  for (int i = 0; i < 5; ++i) {
    simulation_.stall(5s);
    simulation_.run_for(3s);
  }
  expect_sound(simulation_);
  EXPECT_EQ(tally().stray(StrayKind::kLate), 0U);
  EXPECT_EQ(tally().outcome(OutcomeKind::kLocalDrop), 0U);
  EXPECT_GT(tally().outcome(OutcomeKind::kSlipped), 2000U);
}

TEST_F(FaultyKernel, ABatchCutByItsLimitIsReadToItsEndBeforeAnythingExpires) {
  probe::ProbeOptions options = every_second();
  options.timeout = 100ms;
  populate(options);
  simulation_.kernel().receive_batch = 3;
  for (int i = 0; i < 5; ++i) {
    simulation_.run_for(3s);
    simulation_.stall(900ms);
  }
  expect_sound(simulation_);
  EXPECT_EQ(tally().stray(StrayKind::kLate), 0U);
}

TEST_F(FaultyKernel, WithoutTxStampsTimeoutsAreTimeouts) {
  SimulationConfig config{.seed = 29};
  config.kernel.tx_stamps = false;
  Simulation simulation(config);
  simulation.add(address(1), every_second(), Host::that(Answer::kSilent));
  simulation.add(address(2), every_second(), Host::that(Answer::kReply));
  simulation.run_for(30s);
  expect_sound(simulation);
  EXPECT_EQ(simulation.oracle().tally().outcome(OutcomeKind::kSendFailed), 0U);
  EXPECT_EQ(simulation.oracle().tally().kernel_rtts, 0U);
}

TEST_F(FaultyKernel, DamagedPacketsAreParseErrorsAndNothingElse) {
  Host host = Host::that(Answer::kReply);
  host.also(Answer::kBadChecksum, 1);
  const TargetIndex index = simulation_.add(address(1), every_second(), host);
  simulation_.run_for(60s);
  expect_sound(simulation_);
  const auto counted =
      simulation_.numbers().parse_errors[static_cast<std::size_t>(probe::ParseFailure::kBadChecksum)].load();
  EXPECT_GT(counted, 10U);
  EXPECT_EQ(counted, tally().bad_checksums);
  EXPECT_EQ(simulation_.numbers_of(index).stray(StrayKind::kCorrupt), 0U);
}

}  // namespace
}  // namespace sounder::sim
