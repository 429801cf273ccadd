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

/// What is known of one round trip.
struct Stamps {
  base::MonoTime sent{};      ///< from before the send call
  base::MonoTime received{};  ///< from after the receive call
  std::optional<base::WallTime> tx;
  std::optional<base::WallTime> rx;
};

/// The difference of the kernel's stamps if both are there and it lies within the bracket; else the bracket, marked.
/// `check_bracket` off believes any two stamps.
[[nodiscard]] RoundTrip measure(const Stamps& stamps, bool check_bracket);

}  // namespace sounder::probe
