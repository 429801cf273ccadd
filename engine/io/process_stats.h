/// The seam to what the operating system knows of this process.
#pragma once

#include "engine/base/process_numbers.h"

namespace sounder::io {

class ProcessStats {
 public:
  ProcessStats() = default;
  ProcessStats(const ProcessStats&) = delete;
  ProcessStats& operator=(const ProcessStats&) = delete;
  virtual ~ProcessStats() = default;

  /// What can't be read stays zero.
  [[nodiscard]] virtual base::ProcessNumbers read() = 0;
};

}  // namespace sounder::io
