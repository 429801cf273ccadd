/// The seam to a timer that wakes a loop on time, as exactly as the system can.
#pragma once

#include "engine/base/time.h"

namespace sounder::io {

/// One timer of one loop. Everything happens on the loop's thread, or while that does not run.
class LoopTimer {
 public:
  LoopTimer() = default;
  LoopTimer(const LoopTimer&) = delete;
  LoopTimer& operator=(const LoopTimer&) = delete;
  /// The handler never runs afterwards.
  virtual ~LoopTimer() = default;

  /// Has the handler run once, from the loop's executor, `after` from now; as soon as possible where that is not
  /// positive. What was set before is forgotten.
  virtual void set(base::Duration after) = 0;
  virtual void cancel() = 0;
};

}  // namespace sounder::io
