#include "engine/probe/overflow_ledger.h"

#include <algorithm>

#include "engine/probe/canary.h"

namespace sounder::probe {

void OverflowLedger::add(std::uint64_t packets, std::uint64_t in_flight, base::MonoTime now) {
  const std::uint64_t excuses = std::min(packets, in_flight) + (kCanary == Canary::kGreedyOverflow ? 1 : 0);
  if (excuses == 0) return;
  if (size_ == kEntries) {
    Entry& latest = entries_[size_ - 1];
    latest = {now, std::min(latest.left + excuses, in_flight)};
    return;
  }
  entries_[size_++] = {now, excuses};
}

bool OverflowLedger::excuse(base::MonoTime sent) {
  // The earliest overflow that it lived through: later ones excuse more probes and are kept for them.
  for (std::size_t i = 0; i < size_; ++i) {
    if (entries_[i].at < sent) continue;
    if (--entries_[i].left == 0) erase(i);
    return true;
  }
  return false;
}

void OverflowLedger::forget_before(base::MonoTime oldest) {
  while (size_ != 0 && entries_[0].at < oldest) erase(0);
}

void OverflowLedger::erase(std::size_t index) {
  std::move(entries_.begin() + static_cast<std::ptrdiff_t>(index) + 1,
            entries_.begin() + static_cast<std::ptrdiff_t>(size_),
            entries_.begin() + static_cast<std::ptrdiff_t>(index));
  --size_;
}

}  // namespace sounder::probe
