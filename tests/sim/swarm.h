/// Courses drawn from a seed: networks, configurations and faults of every kind, mixed.
#pragma once

#include <cstddef>
#include <cstdint>

#include "tests/sim/course.h"

namespace sounder::sim {

/// As many rounds of work and disturbance as drawn from the seed.
inline constexpr std::size_t kDrawnRounds = 0;

/// Always the same for the same arguments.
[[nodiscard]] Course draw_course(std::uint64_t seed, std::size_t rounds = kDrawnRounds);

/// The shortest failing prefix of a course that fails, and of that what is left when steps are taken out as long as it
/// still fails, whatever for. Executes at most `attempts` courses.
[[nodiscard]] Course shrink(Course course, std::size_t attempts);

}  // namespace sounder::sim
