/// Time as the engine knows it: two kinds of instants that the compiler keeps apart.
///
/// Neither clock has a `now()`: the cores are handed the time (see engine/io/clock.h for who reads it), so that a test
/// can play a year in a second and a failing run replays exactly.
#pragma once

#include <chrono>
#include <cstdint>

namespace sounder::base {

using Duration = std::chrono::nanoseconds;

/// Time that only moves forward, from an arbitrary origin; for intervals, deadlines and brackets.
struct MonoClock {
  using rep = Duration::rep;
  using period = Duration::period;
  using duration = Duration;
  using time_point = std::chrono::time_point<MonoClock>;
  static constexpr bool is_steady = true;
};
using MonoTime = MonoClock::time_point;

/// Nanoseconds since 1970-01-01 UTC as the kernel stamps packets. It may step either way at any moment: only the
/// difference of two stamps of one probe is ever used, and only inside a monotonic bracket.
struct WallClock {
  using rep = Duration::rep;
  using period = Duration::period;
  using duration = Duration;
  using time_point = std::chrono::time_point<WallClock>;
  static constexpr bool is_steady = false;
};
using WallTime = WallClock::time_point;

/// A duration in seconds, as metrics carry it.
[[nodiscard]] constexpr double to_seconds(Duration duration) { return std::chrono::duration<double>(duration).count(); }

}  // namespace sounder::base
