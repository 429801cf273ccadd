/// From an address to the targets that have it.
#pragma once

#include <cstddef>
#include <cstdint>

#include "engine/base/ip_address.h"
#include "engine/base/siphash.h"
#include "engine/probe/slot_index.h"

namespace sounder::probe {

/// Several targets may share an address; the scope is not part of the key, since quoted packets have none. Lookups give
/// every target whose address has the same 32-bit hash: the caller compares addresses, which it must read anyway.
class AddressIndex {
 public:
  /// `key` keeps outsiders from choosing addresses that collide.
  AddressIndex(std::size_t max_targets, const base::SipKey& key) : key_(key), slots_(max_targets) {}

  void insert(const base::IpAddress& address, std::uint32_t target) { slots_.insert(hash_of(address), target); }
  /// The pair must have been inserted.
  void erase(const base::IpAddress& address, std::uint32_t target) { slots_.erase(hash_of(address), target); }

  /// Calls `visit(target)` for each candidate until it returns true.
  template <class Visit>
  void find(const base::IpAddress& address, Visit visit) const {
    slots_.find(hash_of(address), visit);
  }

 private:
  [[nodiscard]] std::uint32_t hash_of(const base::IpAddress& address) const;

  base::SipKey key_;
  SlotIndex slots_;
};

}  // namespace sounder::probe
