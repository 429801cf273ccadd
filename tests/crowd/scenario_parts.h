/// What the scenarios have in common.
#pragma once

#include <chrono>
#include <string>

#include "tests/crowd/scenarios.h"

namespace sounder::crowd {

[[nodiscard]] inline double milliseconds_between(std::chrono::steady_clock::time_point from,
                                                 std::chrono::steady_clock::time_point to) {
  return std::chrono::duration<double, std::milli>(to - from).count();
}

/// After all clients are gone: registrations, charges, descriptors and resident memory are back where they were, and
/// the broker's own books balance. Waits for what takes its time (requests in flight end by their timeout).
void require_as_before(BrokerDaemon& daemon, const Holdings& before, const Tolerance& tolerance, Findings& findings);

}  // namespace sounder::crowd
