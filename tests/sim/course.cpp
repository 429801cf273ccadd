#include "tests/sim/course.h"

#include <fmt/format.h>

#include <set>
#include <unordered_map>

#include "tests/sim/simulation.h"

namespace sounder::sim {

namespace {

SimulationConfig config_of(const Course& course) {
  SimulationConfig config;
  config.seed = course.seed;
  config.kernel = course.kernel;
  config.rate_limit = course.rate_limit;
  config.max_in_flight = course.max_in_flight;
  config.max_requests = course.max_requests;
  config.pace = course.pace;
  config.wake_latency = course.wake_latency;
  return config;
}

class Execution {
 public:
  explicit Execution(const Course& course) : course_(course), simulation_(config_of(course)) {}

  CourseResult run() {
    const std::uint64_t allocations = Simulation::allocations();
    CourseResult result;
    for (const Step& step : course_.steps) {
      std::visit([&](const auto& what) { take(what); }, step);
      ++result.steps;
      simulation_.check();
      if (!simulation_.oracle().violations().none()) break;
    }
    result.hash = simulation_.oracle().hash();
    result.tally = simulation_.oracle().tally();
    result.allocations = Simulation::allocations() - allocations;
    if (!simulation_.oracle().violations().none()) result.violations = simulation_.oracle().violations().text();
    if (result.allocations != 0) {
      result.violations += fmt::format("  the engine allocated memory {} times\n", result.allocations);
    }
    return result;
  }

 private:
  void take(const Run& step) {
    changed_.clear();
    simulation_.run_for(step.duration);
  }
  void take(const Stall& step) { simulation_.stall(step.duration); }
  void take(const StepClock& step) { simulation_.clock().step(step.by); }
  void take(const SlewClock& step) { simulation_.clock().slew(step.ppm); }
  void take(const SetKernel& step) { simulation_.kernel() = step.kernel; }
  void take(const SetHost& step) { simulation_.network().set_host(step.address, step.host); }
  void take(const AddTarget& step) { targets_[step.target] = simulation_.add(step.address, step.options); }
  void take(const UpdateTarget& step) {
    if (may_change(step.target)) simulation_.update(targets_[step.target], step.options);
  }
  void take(const RemoveTarget& step) {
    if (may_change(step.target)) simulation_.remove(targets_[step.target]);
  }
  void take(const SendEchoes& step) {
    for (std::uint32_t i = 0; i < step.count && simulation_.engine().requests() < course_.max_requests; ++i) {
      simulation_.echo(step.address, step.options);
    }
  }

  bool may_change(TargetName name) {
    const auto found = targets_.find(name);
    return found != targets_.end() && simulation_.target(found->second).live && changed_.insert(name).second;
  }

  const Course& course_;
  Simulation simulation_;
  std::unordered_map<TargetName, TargetIndex> targets_;
  std::set<TargetName> changed_;  ///< since the last Run
};

}  // namespace

CourseResult run_course(const Course& course) { return Execution(course).run(); }

}  // namespace sounder::sim
