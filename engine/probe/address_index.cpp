#include "engine/probe/address_index.h"

#include <span>

namespace sounder::probe {

std::uint32_t AddressIndex::hash_of(const base::IpAddress& address) const {
  return static_cast<std::uint32_t>(base::siphash(key_, std::as_bytes(std::span(address.data(), address.size()))));
}

}  // namespace sounder::probe
