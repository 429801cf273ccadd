#include "engine/probe/snapshot.h"

namespace sounder::probe {

void DurationHistogram::add(base::Duration duration) {
  std::size_t index = 0;
  while (index < kBounds && duration > bound(index)) ++index;
  const auto ns = static_cast<std::uint64_t>(duration.count() > 0 ? duration.count() : 0);
  counts[index].store(counts[index].load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  sum_ns.store(sum_ns.load(std::memory_order_relaxed) + ns, std::memory_order_relaxed);
}

}  // namespace sounder::probe
