/// Addresses for simulated targets.
#pragma once

#include <cstdint>

#include "engine/base/ip_address.h"

namespace sounder::sim {

/// Different for every number, of both families: each third is of IPv6.
[[nodiscard]] inline base::IpAddress nth_address(std::uint32_t number) {
  if (number % 3 != 0) return base::IpAddress::v4(0x0a000000U + number);
  base::IpAddress::V6Bytes bytes{0xfd};
  for (unsigned i = 0; i < 4; ++i) bytes[15 - i] = static_cast<std::uint8_t>(number >> (8 * i));
  return base::IpAddress::v6(bytes);
}

}  // namespace sounder::sim
