#include "engine/runtime/wake_pacer.h"

#include <gtest/gtest.h>

namespace sounder::runtime {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

constexpr base::MonoTime kBegin = base::MonoTime(std::chrono::hours(1));

/// Runs cycles whenever the pacer allows, with deadlines `apart`, for `time`. Gives how many.
int cycles_in(WakePacer& pacer, base::Duration apart, base::Duration time) {
  int cycles = 0;
  for (base::MonoTime now = kBegin; now < kBegin + time; now = pacer.pace(now + apart)) {
    pacer.on_cycle(now);
    ++cycles;
  }
  return cycles;
}

TEST(WakePacer, IsExactWhileDeadlinesAreFarApart) {
  WakePacer pacer;
  base::MonoTime now = kBegin;
  for (int i = 0; i < 1000; ++i) {
    pacer.on_cycle(now);
    const base::MonoTime deadline = now + microseconds(1500);
    ASSERT_EQ(pacer.pace(deadline), deadline);
    now = deadline;
  }
}

TEST(WakePacer, IsExactForABurstAfterAPause) {
  WakePacer pacer;
  base::MonoTime now = kBegin;
  for (int i = 0; i < WakePacer::kBurst; ++i) {
    pacer.on_cycle(now);
    const base::MonoTime deadline = now + microseconds(20);
    ASSERT_EQ(pacer.pace(deadline), deadline) << i;
    now = deadline;
  }
}

TEST(WakePacer, MakesOneCycleAMillisecondOfManyDeadlines) {
  WakePacer pacer;
  const int cycles = cycles_in(pacer, microseconds(20), milliseconds(1000));
  EXPECT_LE(cycles, 1000 + WakePacer::kBurst + 1);
  EXPECT_GE(cycles, 1000);
}

TEST(WakePacer, NeverWakesBeforeTheDeadline) {
  WakePacer pacer;
  EXPECT_EQ(pacer.pace(kBegin), kBegin);
  EXPECT_EQ(pacer.pace(base::MonoTime::max()), base::MonoTime::max());
}

}  // namespace
}  // namespace sounder::runtime
