#include "app/ping_statistics.h"

#include <algorithm>
#include <cmath>

namespace sounder::app {

void PingStatistics::add(const probe::Outcome& outcome) {
  using probe::OutcomeKind;
  ++outcomes_;
  const bool sent = outcome.kind != OutcomeKind::kSendFailed && outcome.kind != OutcomeKind::kSlipped;
  if (sent) ++transmitted_;
  if (!sent || outcome.kind == OutcomeKind::kIcmpError) ++errors_;
  if (outcome.kind != OutcomeKind::kReply) return;

  ++received_;
  const base::Duration time = outcome.rtt.time;
  min_ = received_ == 1 ? time : std::min(min_, time);
  max_ = std::max(max_, time);
  const auto nanoseconds = static_cast<double>(time.count());
  const double before = nanoseconds - mean_ns_;
  mean_ns_ += before / static_cast<double>(received_);
  squares_ns_ += before * (nanoseconds - mean_ns_);
}

std::optional<RttSummary> PingStatistics::rtt() const {
  if (received_ == 0) return std::nullopt;
  const double deviation = std::sqrt(squares_ns_ / static_cast<double>(received_));
  return RttSummary{.min = min_,
                    .avg = base::Duration(std::llround(mean_ns_)),
                    .max = max_,
                    .mdev = base::Duration(std::llround(deviation))};
}

}  // namespace sounder::app
