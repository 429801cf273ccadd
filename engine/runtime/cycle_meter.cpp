#include "engine/runtime/cycle_meter.h"

#include <algorithm>
#include <atomic>

namespace sounder::runtime {

void CycleMeter::add(base::MonoTime began, base::MonoTime ended) {
  const base::Duration duration = ended - began;
  numbers_.cycle.add(duration);
  numbers_.cycles.fetch_add(1, std::memory_order_relaxed);

  const std::int64_t slot = ended.time_since_epoch() / kSlotTime;
  if (slot == slot_ && duration.count() <= numbers_.cycle_max_ns.load(std::memory_order_relaxed)) return;
  advance(slot);
  auto& longest = longest_.at(static_cast<std::size_t>(slot) % kSlots);
  longest = std::max(longest, duration);
  numbers_.cycle_max_ns.store(std::max_element(longest_.begin(), longest_.end())->count(), std::memory_order_relaxed);
}

/// Forgets the slots that have come round again.
void CycleMeter::advance(std::int64_t slot) {
  const auto gone = std::min<std::int64_t>(slot - slot_, kSlots);
  for (std::int64_t i = 0; i < gone; ++i) longest_.at(static_cast<std::size_t>(slot - i) % kSlots) = {};
  slot_ = slot;
}

}  // namespace sounder::runtime
