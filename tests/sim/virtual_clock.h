/// Both clocks of a simulated machine: a monotonic one, and a realtime one that can be stepped and slewed.
#pragma once

#include <cstdint>

#include "engine/base/check.h"
#include "engine/base/time.h"
#include "engine/io/clock.h"

namespace sounder::sim {

class VirtualClock final : public io::Clock {
 public:
  /// Neither clock starts at zero, since code may take zero for "no time".
  VirtualClock() = default;

  [[nodiscard]] base::MonoTime mono_now() const override { return mono_; }
  [[nodiscard]] base::WallTime wall_now() const override {
    const base::Duration elapsed = mono_ - anchor_mono_;
    return anchor_wall_ + elapsed + base::Duration(elapsed.count() * slew_ppm_ / 1'000'000);
  }

  void advance_to(base::MonoTime to) {
    SOUNDER_CHECK(to >= mono_);
    mono_ = to;
  }
  /// The realtime clock jumps, as `settimeofday` makes it.
  void step(base::Duration by) {
    anchor();
    anchor_wall_ += by;
    ++steps_;
    disturbed_ = mono_;
  }
  /// From now on the realtime clock runs `ppm` faster (or slower), as `adjtime` makes it; NTP stays within ±500.
  void slew(std::int64_t ppm) {
    anchor();
    slew_ppm_ = ppm;
    disturbed_ = mono_;
  }
  /// Whether the realtime clock has shown true differences ever since.
  [[nodiscard]] bool undisturbed_since(base::MonoTime since) const { return slew_ppm_ == 0 && disturbed_ < since; }
  /// How often the clock has been stepped: a packet is stamped in one epoch and may be read in another.
  [[nodiscard]] std::uint64_t steps() const { return steps_; }

 private:
  void anchor() {
    anchor_wall_ = wall_now();
    anchor_mono_ = mono_;
  }

  base::MonoTime mono_{std::chrono::hours(1000)};
  base::MonoTime anchor_mono_ = mono_;
  base::WallTime anchor_wall_{std::chrono::seconds(1'800'000'000)};
  std::int64_t slew_ppm_ = 0;
  std::uint64_t steps_ = 0;
  base::MonoTime disturbed_ = base::MonoTime::min();
};

}  // namespace sounder::sim
