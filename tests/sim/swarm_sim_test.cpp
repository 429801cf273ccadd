/// Many seeds, each a network, a configuration and faults of its own. tests/sim/README.md tells how to replay one.
#include <stdexcept>
#include <string>

#include "tests/sim/course_yaml.h"
#include "tests/sim/sim_test.h"
#include "tests/sim/swarm.h"

namespace sounder::sim {
namespace {

TEST(Swarm, ReplaysExactlyFromWhatItPrints) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    const Course course = draw_course(seed);
    const std::string printed = write_course(course);
    const Course read = read_course(printed);
    EXPECT_EQ(write_course(read), printed) << seed;
    EXPECT_EQ(run_course(read).hash, run_course(course).hash) << seed;
  }
}

TEST(Swarm, DrawsAsManyRoundsAsAreAskedFor) {
  EXPECT_LT(draw_course(3, 2).steps.size(), draw_course(3, 200).steps.size());
  EXPECT_NE(run_course(draw_course(3)).hash, run_course(draw_course(4)).hash);
}

TEST(Course, WithAMistakeNamesItsLine) {
  for (const char* wrong : {"seed: 1\nspeed: 2\n", "seed: 1\nsteps: [{rum: 1s}]\n", "seed: 1\nsteps: [{run: 1y}]\n",
                            "seed: 1\nsteps: [{add: {target: 1, address: 10.0.0}}]\n"}) {
    try {
      (void)read_course(wrong);
      ADD_FAILURE() << wrong;
    } catch (const std::runtime_error& error) {
      EXPECT_NE(std::string(error.what()).find("line 2"), std::string::npos) << error.what();
    }
  }
}

/// The alarm works: a run in which the engine is lied to must be noticed.
TEST(Oracle, NoticesAnOutcomeThatNothingExplains) {
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
