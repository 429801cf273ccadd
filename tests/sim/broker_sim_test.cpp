// The broker's core under long seeded runs: fragmented requests, short writes, stalled readers, delayed ends, jumps of
// the clock (tests/support/broker_driver.h has the world and what must hold).
//
// SOUNDER_BROKER_SEED=n replays one seed.
#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>
#include <string>

#include "tests/sim/random.h"
#include "tests/support/broker_driver.h"

namespace sounder::sim {
namespace {

constexpr std::uint64_t kSeeds = 600;
constexpr int kSteps = 400;

/// What was wrong; empty: nothing.
std::string run(std::uint64_t seed) {
  Random random(seed);
  try {
    broker::testing::BrokerDriver driver(
        [&](std::uint32_t bound) { return static_cast<std::uint32_t>(random.below(bound)); });
    for (int step = 0; step < kSteps; ++step) driver.step();
    driver.finish();
  } catch (const broker::testing::BrokenInvariant& broken) {
    return broken.what();
  }
  return "";
}

TEST(BrokerSwarm, EverySeedHoldsTheInvariants) {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): one thread
  if (const char* seed = std::getenv("SOUNDER_BROKER_SEED")) {
    EXPECT_EQ(run(std::stoull(seed)), "");
    return;
  }
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    EXPECT_EQ(run(seed), "") << "replay with SOUNDER_BROKER_SEED=" << seed;
  }
}

}  // namespace
}  // namespace sounder::sim
