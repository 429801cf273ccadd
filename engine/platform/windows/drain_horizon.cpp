#include "engine/platform/windows/drain_horizon.h"

#include <algorithm>

#include "engine/base/check.h"

namespace sounder::platform::windows {

void DrainHorizon::completed(std::size_t socket) {
  Socket& state = sockets_.at(socket);
  SOUNDER_CHECK(state.outstanding != 0);
  --state.outstanding;
  ++state.since_marker;
}

void DrainHorizon::marker_queued(base::MonoTime now) {
  SOUNDER_CHECK(!marked_);
  marked_ = true;
  marked_at_ = now;
  for (Socket& state : sockets_) {
    state.at_marker = state.outstanding;
    state.since_marker = 0;
  }
}

void DrainHorizon::marker_seen() {
  SOUNDER_CHECK(marked_);
  marked_ = false;
  horizon_ = std::max(horizon_, all_had_one() ? marked_at_ : marked_at_ - kMostLag);
}

/// Receives complete in the order in which they were posted, so those since the marker were posted before it first.
bool DrainHorizon::all_had_one() const {
  return std::all_of(sockets_.begin(), sockets_.end(),
                     [](const Socket& state) { return !state.watched || state.since_marker < state.at_marker; });
}

}  // namespace sounder::platform::windows
