/// How long the cycles of the probe loop take: a monitor proves that it was not itself late.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "engine/base/time.h"
#include "engine/probe/snapshot.h"

namespace sounder::runtime {

/// Counts cycles and their durations, and keeps the longest of the last 60 s, to 5 s. Probe thread.
class CycleMeter {
 public:
  explicit CycleMeter(probe::EngineNumbers& numbers) : numbers_(numbers) {}

  void add(base::MonoTime began, base::MonoTime ended);

 private:
  static constexpr base::Duration kSlotTime = std::chrono::seconds(5);
  static constexpr std::size_t kSlots = 12;

  void advance(std::int64_t slot);

  probe::EngineNumbers& numbers_;
  std::array<base::Duration, kSlots> longest_{};
  std::int64_t slot_ = 0;
};

}  // namespace sounder::runtime
