// accuracy_pauses: how often something else than the programs of this machine has its processors: a host that runs
// other machines beside it, or the firmware. A thread that only reads the clock finds out. What is delayed so between
// the look at a packet and the packet's stamp is no fault of a report, and no program of this machine can prevent it.
#include <sched.h>

#include <chrono>
#include <cstdio>
#include <thread>

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::microseconds;
using std::chrono::seconds;

constexpr seconds kLook{1};
constexpr microseconds kPause{5};  // what a report may be wrong by

bool stay_on(unsigned processor) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(processor, &set);
  return sched_setaffinity(0, sizeof(set), &set) == 0;
}

void look(unsigned processor) {
  if (!stay_on(processor)) return;  // not ours to use
  long pauses = 0;
  Clock::duration away{};
  const auto begin = Clock::now();
  for (auto last = begin; last - begin < kLook;) {
    const auto now = Clock::now();
    if (now - last > kPause) {
      ++pauses;
      away += now - last;
    }
    last = now;
  }
  std::printf(
      "processor %u was away from a program that only reads the clock for more than 5 µs %ld times a second, %.1f %% "
      "of the time\n",
      processor, pauses / kLook.count(), 100 * std::chrono::duration<double>(away) / kLook);
}

}  // namespace

int main() {
  for (unsigned processor = 0; processor < std::thread::hardware_concurrency(); ++processor) look(processor);
  return 0;
}
