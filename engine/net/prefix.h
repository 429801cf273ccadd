/// Arithmetic on address blocks.
#pragma once

#include <cstdint>

#include "engine/base/ip_address.h"

namespace sounder::net {

/// `address` with all bits after the first `length` cleared, and without its scope. `length` beyond the family's bits
/// counts as all of them.
[[nodiscard]] base::IpAddress masked(const base::IpAddress& address, std::uint8_t length);

}  // namespace sounder::net
