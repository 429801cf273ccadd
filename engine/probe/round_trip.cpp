#include "engine/probe/round_trip.h"

#include <algorithm>

namespace sounder::probe {

base::MonoTime arrival_of(const std::optional<base::WallTime>& rx_stamp, const ReadTime& read) {
  const base::MonoTime earliest = std::min(read.drained_before, read.at);
  if (!rx_stamp) return earliest;
  return std::clamp(read.at - (read.at_wall - *rx_stamp), earliest, read.at);
}

RoundTrip measure(const Stamps& stamps, bool check_bracket) {
  const base::Duration bracket = std::max(stamps.received - stamps.sent, base::Duration::zero());
  if (stamps.tx && stamps.rx) {
    const base::Duration kernel = *stamps.rx - *stamps.tx;
    const bool possible = kernel >= base::Duration::zero() && kernel <= bracket;
    if (possible || !check_bracket) return {kernel, StampSource::kKernel, StampSource::kKernel};
  }
  return {bracket, StampSource::kUser, StampSource::kUser};
}

}  // namespace sounder::probe
