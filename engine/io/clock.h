/// The seam to the system's clocks. Only shells hold one; the cores are handed times.
#pragma once

#include "engine/base/time.h"

namespace sounder::io {

/// Safe to call from any thread.
class Clock {
 public:
  Clock() = default;
  Clock(const Clock&) = delete;
  Clock& operator=(const Clock&) = delete;
  virtual ~Clock() = default;

  /// Never steps back.
  [[nodiscard]] virtual base::MonoTime mono_now() const = 0;
  /// The clock that the kernel's packet stamps are of; may step.
  [[nodiscard]] virtual base::WallTime wall_now() const = 0;
};

}  // namespace sounder::io
