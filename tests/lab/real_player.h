/// Plays a scenario in real time: the real daemon in a network namespace of its own, the scenario behind a TUN device.
#pragma once

#include "tests/lab/expected.h"
#include "tests/lab/scenario.h"

namespace sounder::lab {

/// Takes the scenario's duration, and as long as its slowest packet is under way. Throws std::exception if the daemon
/// or the namespace fails. Needs root. May run in several threads at once.
[[nodiscard]] Played play_really(const Scenario& scenario);

}  // namespace sounder::lab
