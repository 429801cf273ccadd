/// Plays a scenario in virtual time, with the real engine and the simulated kernel.
#pragma once

#include "tests/lab/expected.h"
#include "tests/lab/scenario.h"

namespace sounder::lab {

[[nodiscard]] Played play_virtually(const Scenario& scenario);

}  // namespace sounder::lab
