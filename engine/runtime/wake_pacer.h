/// How often the probe loop wakes: exactly on time while there is little to do, in batches while there is much.
#pragma once

#include <algorithm>

#include "engine/base/time.h"

namespace sounder::runtime {

/// At most one cycle a `kCycle` on average, with bursts of `kBurst`: a leaky bucket (the GCRA of ITU-T I.371).
///
/// A few hundred probes a second are met to the microsecond. At 50,000 a second, where every cycle is due 20 µs after
/// the last, cycles are kCycle apart and each sends a batch: the system calls of a cycle are shared by its probes, and
/// none leaves later than kCycle.
class WakePacer {
 public:
  static constexpr base::Duration kCycle = std::chrono::milliseconds(1);
  static constexpr int kBurst = 16;

  void on_cycle(base::MonoTime began) { full_at_ = std::max(full_at_, began) + kCycle; }
  /// When the next cycle may begin, if it is due at `deadline`.
  [[nodiscard]] base::MonoTime pace(base::MonoTime deadline) const {
    return std::max(deadline, full_at_ - kBurst * kCycle);
  }

 private:
  base::MonoTime full_at_{};
};

}  // namespace sounder::runtime
