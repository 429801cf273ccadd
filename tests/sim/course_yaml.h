/// Courses as YAML. Every number is written whole (durations in nanoseconds), so that what is read is what was written;
/// what has its default is left out.
#pragma once

#include <string>

#include "tests/sim/course.h"

namespace sounder::sim {

[[nodiscard]] std::string write_course(const Course& course);
/// Throws std::runtime_error, with the line, for what is no course: it is for people at a terminal, and for tests.
[[nodiscard]] Course read_course(const std::string& yaml);

}  // namespace sounder::sim
