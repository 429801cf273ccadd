/// When a packet came, and how long it took: kernel stamps held against our own monotonic bracket (design decision 5).
#pragma once

#include <optional>

#include "engine/base/time.h"
#include "engine/probe/engine.h"
#include "engine/probe/events.h"

namespace sounder::probe {

/// When the packet arrived, on the monotonic clock. The stamp's clock may have stepped, so its word counts only between
/// the moment up to which the queue was known to be empty and the end of the receive call. Without a stamp it is the
/// former: a probe is not late because we read late.
[[nodiscard]] base::MonoTime arrival_of(const std::optional<base::WallTime>& rx_stamp, const ReadTime& read);

/// Notices that the realtime clock was stepped, from what it shows beside the monotonic one. The bracket alone does
/// not: a small step back leaves a difference of two stamps that is possible, and wrong.
class ClockWatch {
 public:
  /// Both clocks, read at one moment.
  void observe(base::MonoTime at, base::WallTime wall);
  /// The realtime clock's reading at `at`, as it was seen last; nothing before it was seen.
  [[nodiscard]] std::optional<base::WallTime> wall_at(base::MonoTime at) const;
  /// Whether no step can lie between the stamps of a probe that was sent at `sent`, up to the last observation.
  [[nodiscard]] bool steady_since(base::MonoTime sent) const { return sent > stepped_; }

 private:
  /// Two clocks are not read at quite the same moment, and slewing (500 ppm at most) is no step.
  static constexpr base::Duration kNoise = std::chrono::microseconds(500);
  static constexpr int kSlewShare = 1000;

  base::MonoTime last_at_ = base::MonoTime::min();
  base::Duration last_offset_{};
  base::MonoTime stepped_ = base::MonoTime::min();  ///< when the last step was noticed
};

/// What is known of one round trip.
struct Stamps {
  base::MonoTime sent{};      ///< from before the send call
  base::MonoTime received{};  ///< from after the receive call
  std::optional<base::WallTime> tx;
  std::optional<base::WallTime> rx;
  bool steady = true;  ///< no step was noticed since it was sent
};

/// The difference of the kernel's stamps if both are there, of a steady clock, and it lies within the bracket; else the
/// bracket, marked. `check_bracket` off believes any two stamps.
[[nodiscard]] RoundTrip measure(const Stamps& stamps, bool check_bracket);

}  // namespace sounder::probe
