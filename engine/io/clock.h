/// The seam to the system's clocks. Only shells hold one; the cores are handed times.
#pragma once

#include "engine/base/time.h"

namespace sounder::io {

/// Both clocks, read as one.
struct Moment {
  base::MonoTime mono{};
  base::WallTime wall{};
};

/// Safe to call from any thread.
class Clock {
 public:
  Clock() = default;
  Clock(const Clock&) = delete;
  Clock& operator=(const Clock&) = delete;
  virtual ~Clock() = default;

  /// Never steps back.
  [[nodiscard]] virtual base::MonoTime mono_now() const = 0;
  /// The clock that the kernel's packet stamps are of; may step.
  [[nodiscard]] virtual base::WallTime wall_now() const = 0;

  /// Both at one moment, to kApart. A thread that loses its processor between two readings would else find the one
  /// clock stepped against the other. Where it loses it again and again, the best of kReadings readings.
  [[nodiscard]] Moment now() const {
    Moment best;
    base::Duration apart = base::Duration::max();
    for (int i = 0; i < kReadings && apart > kApart; ++i) {
      const base::MonoTime before = mono_now();
      const base::WallTime wall = wall_now();
      const base::MonoTime after = mono_now();
      if (after - before >= apart) continue;
      apart = after - before;
      best = {after, wall};
    }
    return best;
  }

 private:
  static constexpr base::Duration kApart = std::chrono::microseconds(20);
  static constexpr int kReadings = 4;
};

}  // namespace sounder::io
