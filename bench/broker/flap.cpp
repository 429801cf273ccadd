#include "bench/broker/flap.h"

#include <chrono>

#include "bench/broker/pinger.h"

namespace sounder::bench {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

double flap(crowd::RouteFlapper& flapper, std::size_t changes, std::optional<double> rate) {
  constexpr std::size_t kStep = 128;
  const auto begin = Clock::now();
  for (std::size_t made = 0; made < changes; made += 2 * kStep) {
    flapper.add(0, kStep);
    flapper.remove(0, kStep);
    if (!rate) continue;
    const auto due = begin + std::chrono::duration<double>(static_cast<double>(made + 2 * kStep) / *rate);
    const auto pause = std::chrono::duration_cast<std::chrono::milliseconds>(due - Clock::now());
    if (pause > 0ms) let_pass(pause);
  }
  return static_cast<double>(changes) / std::chrono::duration<double>(Clock::now() - begin).count();
}

}  // namespace sounder::bench
