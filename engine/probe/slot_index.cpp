#include "engine/probe/slot_index.h"

#include <algorithm>
#include <bit>

#include "engine/base/check.h"

namespace sounder::probe {

// calloc, since the pages of a large table that are never used then cost nothing: a daemon of ten targets has the same
// table as one of a million.
SlotIndex::SlotIndex(std::size_t max_slots) : mask_(std::bit_ceil(std::max<std::size_t>(max_slots, 8) * 2) - 1) {
  entries_.reset(static_cast<Entry*>(std::calloc(mask_ + 1, sizeof(Entry))));
  SOUNDER_CHECK(entries_ != nullptr);
}

void SlotIndex::insert(std::uint32_t hash, std::uint32_t slot) {
  std::size_t i = hash & mask_;
  while (entries_[i].slot_and_one != 0) i = (i + 1) & mask_;
  entries_[i] = {hash, slot + 1};
}

void SlotIndex::erase(std::uint32_t hash, std::uint32_t slot) {
  std::size_t hole = hash & mask_;
  while (entries_[hole].slot_and_one != slot + 1) {
    SOUNDER_CHECK(entries_[hole].slot_and_one != 0);
    hole = (hole + 1) & mask_;
  }
  // Knuth, The Art of Computer Programming, vol. 3, algorithm 6.4 R: close the gap instead of marking it.
  for (std::size_t i = (hole + 1) & mask_; entries_[i].slot_and_one != 0; i = (i + 1) & mask_) {
    const std::size_t home = entries_[i].hash & mask_;
    if (((i - home) & mask_) < ((i - hole) & mask_)) continue;
    entries_[hole] = entries_[i];
    hole = i;
  }
  entries_[hole] = Entry{};
}

}  // namespace sounder::probe
