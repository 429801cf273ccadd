#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <ctime>
#include <vector>

#include "bench/broker/measures.h"
#include "engine/platform/platform.h"
#include "tests/support/broker_harness.h"

namespace sounder::bench {

namespace {

/// Of this thread: a slice is told from what else the machine does.
std::chrono::nanoseconds cpu_now() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
}

}  // namespace

void measure_slices(Table& table) {
  constexpr std::size_t kRegistrations = 300'000;
  broker::testing::Harness harness(broker::testing::roomy(), 1000, platform::page_memory());
  std::vector<double> times;  // in milliseconds
  for (int round = 0; round < 5; ++round) {
    const auto session = harness.client();
    register_many(harness, session, kRegistrations);
    harness.broker->on_dead(session, broker::CloseReason::kProcessExit, harness.now);
    static_cast<void>(harness.broker->next_ended());
    for (; harness.broker->next_turn() == base::MonoTime::min();) {
      const auto begin = cpu_now();
      harness.broker->turn(harness.now);
      times.push_back(std::chrono::duration<double, std::milli>(cpu_now() - begin).count());
    }
  }
  std::sort(times.begin(), times.end());
  table.begin("a turn of the core that reclaims, of CPU");
  table.add({fmt::format("the longest of {}", times.size()), "≤ 1 ms", with_unit(times.back(), "ms"), times.back() <= 1,
             fmt::format("p50 {}, p99 {}", with_unit(times.at(times.size() / 2), "ms"),
                         with_unit(times.at(times.size() * 99 / 100), "ms"))});
}

}  // namespace sounder::bench
