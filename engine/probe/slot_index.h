/// A hash table of slot numbers, the bottom of every look-up from a packet to what it answers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>

namespace sounder::probe {

/// Never more than half full, with its memory taken at construction. Keys are 32-bit hashes: a look-up gives every slot
/// with the same one, and the caller compares what it must read anyway.
class SlotIndex {
 public:
  explicit SlotIndex(std::size_t max_slots);

  void insert(std::uint32_t hash, std::uint32_t slot);
  /// The pair must have been inserted.
  void erase(std::uint32_t hash, std::uint32_t slot);

  /// Calls `visit(slot)` for each candidate until it returns true.
  template <class Visit>
  void find(std::uint32_t hash, Visit visit) const {
    for (std::size_t i = hash & mask_; entries_[i].slot_and_one != 0; i = (i + 1) & mask_) {
      if (entries_[i].hash == hash && visit(entries_[i].slot_and_one - 1)) return;
    }
  }

 private:
  struct Entry {
    std::uint32_t hash;
    std::uint32_t slot_and_one;  ///< 0: free
  };
  struct Free {
    void operator()(Entry* entries) const { std::free(entries); }
  };

  std::size_t mask_;
  std::unique_ptr<Entry[], Free> entries_;
};

}  // namespace sounder::probe
