// accuracy_pauses: how often a program that only reads the clock is kept from it. Where nothing else runs, the kernel's
// own interrupts have the processor then, or the host of a virtual machine. What is delayed so between the look at a
// packet and the packet's stamp is no fault of a report.
#include <sched.h>

#include <chrono>
#include <cstdio>

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::microseconds;
using std::chrono::seconds;

constexpr seconds kLook{1};
constexpr microseconds kPause{5};  // what a report may be wrong by

bool stay_on(int processor) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(processor, &set);
  return sched_setaffinity(0, sizeof(set), &set) == 0;
}

void look(int processor) {
  if (!stay_on(processor)) return;
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
      "processor %d was away from a program that only reads the clock for more than 5 µs %ld times a second, %.1f %% "
      "of the time\n",
      processor, pauses / kLook.count(), 100 * std::chrono::duration<double>(away) / kLook);
}

}  // namespace

int main() {
  cpu_set_t ours;
  if (sched_getaffinity(0, sizeof(ours), &ours) != 0) return 1;
  for (int processor = 0; processor < CPU_SETSIZE; ++processor) {
    if (CPU_ISSET(processor, &ours)) look(processor);
  }
  return 0;
}
