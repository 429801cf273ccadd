/// From an address to the targets that have it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>

#include "engine/base/ip_address.h"
#include "engine/base/siphash.h"

namespace sounder::probe {

/// A hash table of target slots, never more than half full, with its memory taken at construction. Several targets may
/// share an address; the scope is not part of the key, since quoted packets have none. Lookups give every slot whose
/// address has the same 32-bit hash: the caller compares addresses, which it must read anyway.
class AddressIndex {
 public:
  /// `key` keeps outsiders from choosing addresses that collide.
  AddressIndex(std::size_t max_targets, const base::SipKey& key);

  void insert(const base::IpAddress& address, std::uint32_t target);
  /// The pair must have been inserted.
  void erase(const base::IpAddress& address, std::uint32_t target);

  /// Calls `visit(target)` for each candidate until it returns true.
  template <class Visit>
  void find(const base::IpAddress& address, Visit visit) const {
    const std::uint32_t hash = hash_of(address);
    for (std::size_t i = hash & mask_; entries_[i].target_and_one != 0; i = (i + 1) & mask_) {
      if (entries_[i].hash == hash && visit(entries_[i].target_and_one - 1)) return;
    }
  }

 private:
  struct Entry {
    std::uint32_t hash;
    std::uint32_t target_and_one;  ///< 0: free
  };
  struct Free {
    void operator()(Entry* entries) const { std::free(entries); }
  };

  [[nodiscard]] std::uint32_t hash_of(const base::IpAddress& address) const;

  base::SipKey key_;
  std::size_t mask_;
  std::unique_ptr<Entry[], Free> entries_;
};

}  // namespace sounder::probe
