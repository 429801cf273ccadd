/// A log line for each change of a target's state.
#pragma once

#include "engine/base/log.h"
#include "engine/probe/events.h"
#include "engine/probe/snapshot.h"

namespace sounder::app {

/// Rate-limited like all lines (log_limit.h): the metrics have every one.
void log_state_change(base::Logger& log, const probe::TargetInfo& target, const probe::StateChange& change);

}  // namespace sounder::app
