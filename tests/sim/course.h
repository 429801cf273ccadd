/// A whole run as plain data: what is set up, and what happens step by step. A course that is executed twice gives the
/// same run twice, so that a course in a file (course_yaml.h) replays the run that it describes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "engine/base/ip_address.h"
#include "engine/base/time.h"
#include "engine/probe/target_spec.h"
#include "tests/sim/host.h"
#include "tests/sim/oracle.h"
#include "tests/sim/simulated_packet_io.h"

namespace sounder::sim {

/// A target's name within a course: any number, not used twice.
using TargetName = std::uint32_t;

/// The daemon works. Changes of targets before it are handed over as one delta when it begins.
struct Run {
  base::Duration duration{};
};
/// Time passes and the daemon does not run.
struct Stall {
  base::Duration duration{};
};
/// The realtime clock jumps.
struct StepClock {
  base::Duration by{};
};
/// From now on the realtime clock runs faster, or slower.
struct SlewClock {
  std::int64_t ppm = 0;
};
struct SetKernel {
  Kernel kernel;
};
struct SetHost {
  base::IpAddress address;
  Host host;
};
struct AddTarget {
  TargetName target = 0;
  base::IpAddress address;
  probe::ProbeOptions options;
};
/// Of a target that is not there, or was changed since the last Run: nothing happens. So any step can be left out.
struct UpdateTarget {
  TargetName target = 0;
  probe::ProbeOptions options;
};
/// The same holds.
struct RemoveTarget {
  TargetName target = 0;
};

/// Echoes beside the targets, so many at once; as many as there is room for.
struct SendEchoes {
  base::IpAddress address;
  std::uint32_t count = 1;
  probe::ProbeOptions options;
};

using Step = std::variant<Run, Stall, StepClock, SlewClock, SetKernel, SetHost, AddTarget, UpdateTarget, RemoveTarget,
                          SendEchoes>;

struct Course {
  std::uint64_t seed = 1;  ///< of what kernel and network draw, and of the engine's own randomness
  base::Duration wake_latency = std::chrono::microseconds(20);
  std::uint64_t rate_limit = 1'000'000;
  std::uint64_t max_in_flight = 65'536;
  std::uint64_t max_requests = 256;
  bool pace = true;
  Kernel kernel;
  std::vector<Step> steps;
};

struct CourseResult {
  std::uint64_t hash = 0;  ///< of the outcome stream
  Tally tally;
  std::uint64_t allocations = 0;  ///< the engine's, on the probe thread
  std::size_t steps = 0;          ///< executed: up to the first that showed a violation
  std::string violations;         ///< empty if there are none

  [[nodiscard]] bool sound() const { return violations.empty(); }
};

/// Executes the steps, and looks at every invariant after each. Ends with the first step that breaks one.
[[nodiscard]] CourseResult run_course(const Course& course);

}  // namespace sounder::sim
