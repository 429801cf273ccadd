#include "engine/probe/address_index.h"

#include <algorithm>
#include <bit>
#include <span>

#include "engine/base/check.h"

namespace sounder::probe {

// calloc, since the pages of a large table that are never used then cost nothing: a daemon of ten targets has the same
// table as one of a million.
AddressIndex::AddressIndex(std::size_t max_targets, const base::SipKey& key)
    : key_(key), mask_(std::bit_ceil(std::max<std::size_t>(max_targets, 8) * 2) - 1) {
  entries_.reset(static_cast<Entry*>(std::calloc(mask_ + 1, sizeof(Entry))));
  SOUNDER_CHECK(entries_ != nullptr);
}

std::uint32_t AddressIndex::hash_of(const base::IpAddress& address) const {
  return static_cast<std::uint32_t>(base::siphash(key_, std::as_bytes(std::span(address.data(), address.size()))));
}

void AddressIndex::insert(const base::IpAddress& address, std::uint32_t target) {
  const std::uint32_t hash = hash_of(address);
  std::size_t i = hash & mask_;
  while (entries_[i].target_and_one != 0) i = (i + 1) & mask_;
  entries_[i] = {hash, target + 1};
}

void AddressIndex::erase(const base::IpAddress& address, std::uint32_t target) {
  std::size_t hole = hash_of(address) & mask_;
  while (entries_[hole].target_and_one != target + 1) {
    SOUNDER_CHECK(entries_[hole].target_and_one != 0);
    hole = (hole + 1) & mask_;
  }
  // Knuth, The Art of Computer Programming, vol. 3, algorithm 6.4 R: close the gap instead of marking it.
  for (std::size_t i = (hole + 1) & mask_; entries_[i].target_and_one != 0; i = (i + 1) & mask_) {
    const std::size_t home = entries_[i].hash & mask_;
    if (((i - home) & mask_) < ((i - hole) & mask_)) continue;
    entries_[hole] = entries_[i];
    hole = i;
  }
  entries_[hole] = Entry{};
}

}  // namespace sounder::probe
