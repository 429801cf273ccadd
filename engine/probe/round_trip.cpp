#include "engine/probe/round_trip.h"

#include <algorithm>

#include "engine/probe/canary.h"

namespace sounder::probe {

base::MonoTime arrival_of(const std::optional<base::WallTime>& rx_stamp, const ReadTime& read) {
  const base::MonoTime earliest = std::min(read.drained_before, read.at);
  if (!rx_stamp) return earliest;
  return std::clamp(read.at - (read.at_wall - *rx_stamp), earliest, read.at);
}

void ClockWatch::observe(base::MonoTime at, base::WallTime wall) {
  const base::Duration offset = wall.time_since_epoch() - at.time_since_epoch();
  if (last_at_ != base::MonoTime::min()) {
    const base::Duration change = std::chrono::abs(offset - last_offset_);
    if (change > kNoise + std::chrono::abs(at - last_at_) / kSlewShare) stepped_ = at;
  }
  last_at_ = at;
  last_offset_ = offset;
}

std::optional<base::WallTime> ClockWatch::wall_at(base::MonoTime at) const {
  if (last_at_ == base::MonoTime::min()) return std::nullopt;
  return base::WallTime(at.time_since_epoch() + last_offset_);
}

RoundTrip measure(const Stamps& stamps, bool check_bracket) {
  const base::Duration bracket = std::max(stamps.received - stamps.sent, base::Duration::zero());
  if (stamps.tx && stamps.rx && kCanary != Canary::kUserStamp) {
    const base::Duration kernel = *stamps.rx - *stamps.tx;
    const bool possible = stamps.steady && kernel >= base::Duration::zero() && kernel <= bracket;
    if (possible || !check_bracket) return {kernel, StampSource::kKernel, StampSource::kKernel};
  }
  return {bracket, StampSource::kUser, StampSource::kUser};
}

}  // namespace sounder::probe
