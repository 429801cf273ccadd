/// What the tests of this folder share.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <string>

#include "tests/sim/simulation.h"

namespace sounder::sim {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;
using std::chrono_literals::operator""us;
using std::chrono_literals::operator""h;
using probe::OutcomeKind;
using probe::StrayKind;

/// 10.0.0.1 and following, or fd00::1 and following.
[[nodiscard]] inline base::IpAddress address(std::uint32_t number, base::Family family = base::Family::kIpv4) {
  if (family == base::Family::kIpv4) return base::IpAddress::v4(0x0a000000U + number);
  base::IpAddress::V6Bytes bytes{};
  bytes[0] = 0xfd;
  for (unsigned i = 0; i < 4; ++i) bytes[15 - i] = static_cast<std::uint8_t>(number >> (8 * i));
  return base::IpAddress::v6(bytes);
}

/// A second between probes, of which each may take two.
[[nodiscard]] inline probe::ProbeOptions every_second() { return {}; }

/// Nothing that must hold at any moment is broken.
inline void expect_sound(Simulation& simulation) {
  simulation.check();
  EXPECT_TRUE(simulation.oracle().violations().none()) << simulation.oracle().violations().text();
}

}  // namespace sounder::sim
