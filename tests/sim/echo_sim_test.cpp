/// Echoes beside the targets, in virtual time: one result each, and nothing of them on a target's account.
#include <numeric>

#include "tests/sim/sim_test.h"

namespace sounder::sim {
namespace {

/// Short data carries no tag, so that numbers alone tell whose a packet is.
probe::ProbeOptions short_data() {
  probe::ProbeOptions options = every_second();
  options.size = 8;
  return options;
}

std::uint64_t results(Simulation& simulation) {
  const auto& echoes = simulation.oracle().tally().echoes;
  return std::accumulate(echoes.begin(), echoes.end(), std::uint64_t{0});
}

TEST(EchoSim, EachHasItsOwnResultBesideTargetsOfTheSameAddress) {
  Simulation simulation{SimulationConfig{.seed = 101, .max_requests = 64}};
  const std::array kinds{Answer::kReply, Answer::kSilent, Answer::kLate, Answer::kTwice, Answer::kRouterError};
  for (std::uint32_t i = 0; i < kinds.size(); ++i) {
    simulation.add(address(i), i % 2 == 0 ? every_second() : short_data(), Host::that(kinds[i]));
  }
  std::uint64_t sent = 0;
  for (int round = 0; round < 500; ++round) {
    for (std::uint32_t i = 0; i < kinds.size() && simulation.engine().requests() < 64; ++i, ++sent) {
      simulation.echo(address(i), round % 2 == 0 ? short_data() : every_second());
    }
    simulation.run_for(100ms);
  }
  simulation.run_for(10s);
  expect_sound(simulation);
  EXPECT_EQ(results(simulation), sent);
  EXPECT_EQ(simulation.engine().requests(), 0U);
}

TEST(EchoSim, SharesTheRateWithTargetsThatTakeAllOfIt) {
  Simulation simulation{SimulationConfig{.seed = 103, .rate_limit = 200, .max_requests = 64}};
  for (std::uint32_t i = 0; i < 400; ++i) simulation.add(address(i), every_second(), Host::that(Answer::kReply));
  simulation.run_for(1s);
  for (std::uint32_t i = 0; i < 64; ++i) simulation.echo(address(i), every_second());
  simulation.run_for(4s);
  EXPECT_EQ(results(simulation), 64U);
  EXPECT_LE(simulation.packet_io().next_serial(), 5U * 200 + 10);
}

TEST(EchoSim, AllocatesNothingInAStorm) {
  Simulation simulation{SimulationConfig{.seed = 107, .max_requests = 256}};
  for (std::uint32_t i = 0; i < 20; ++i) simulation.add(address(i), every_second(), Host::that(Answer::kReply));
  simulation.run_for(5s);
  const std::uint64_t before = Simulation::allocations();
  for (int round = 0; round < 200; ++round) {
    while (simulation.engine().requests() < 256) simulation.echo(address(7), short_data());
    simulation.run_for(50ms);
  }
  simulation.run_for(10s);
  expect_sound(simulation);
  EXPECT_EQ(Simulation::allocations(), before);
}

/// The alarm works: a result that nothing explains, and a second one.
TEST(EchoSim, TheOracleNoticesWhatIsInvented) {
  Simulation simulation{SimulationConfig{.seed = 109}};
  simulation.network().set_host(address(1), Host::that(Answer::kReply));
  const TargetIndex index = simulation.echo(address(1), every_second());
  simulation.run_for(2s);
  ASSERT_TRUE(simulation.oracle().violations().none());
  probe::Actions actions;
  probe::EchoResult invented;
  invented.ticket = probe::EchoTicket(index);
  actions.echoes.push_back(invented);
  simulation.oracle().on_events(actions);
  EXPECT_EQ(simulation.oracle().violations().count(), 1U);
}

}  // namespace
}  // namespace sounder::sim
