/// Runs courses of random seeds, or one from a file, and prints the course of the first that breaks an invariant.
/// tests/sim/README.md tells how to use it.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdint>
#include <exception>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>

#include "tests/sim/course_yaml.h"
#include "tests/sim/swarm.h"

namespace sounder::sim {

namespace {

struct Arguments {
  std::uint64_t seed = 1;
  std::uint64_t runs = 1;
  std::size_t steps = kDrawnRounds;
  std::size_t shrink = 200;
  std::string replay;
  bool print = false;
};

int replay(const std::string& path) {
  std::ifstream file(path);
  const CourseResult result = run_course(read_course({std::istreambuf_iterator<char>(file), {}}));
  fmt::print("hash {:016x}\n{}", result.hash, result.violations);
  return result.sound() ? 0 : 1;
}

std::string command(const Arguments& arguments, std::uint64_t seed) {
  const std::string steps = arguments.steps == kDrawnRounds ? "" : fmt::format(" --steps {}", arguments.steps);
  return fmt::format("swarm --seed {}{}", seed, steps);
}

/// As a file that can be replayed, with what is wrong as its comment.
void print_least(const Course& course) {
  std::string why = "# " + run_course(course).violations;
  for (std::size_t at = why.find('\n'); at + 1 < why.size(); at = why.find('\n', at + 1)) why.insert(at + 1, "#");
  fmt::print("the least of it, for swarm --replay FILE:\n{}{}", write_course(course), why);
}

int run(const Arguments& arguments) {
  std::uint64_t due_times = 0;
  for (std::uint64_t seed = arguments.seed; seed < arguments.seed + arguments.runs; ++seed) {
    Course course = draw_course(seed, arguments.steps);
    if (arguments.print) fmt::print("{}", write_course(course));
    const CourseResult result = run_course(course);
    for (const std::uint64_t count : result.tally.outcomes) due_times += count;
    if (result.sound()) continue;
    fmt::print("{} fails: {}", command(arguments, seed), result.violations);
    if (arguments.shrink > 0) print_least(shrink(std::move(course), arguments.shrink));
    return 1;
  }
  fmt::print("{} seeds from {} on, {} due times: every invariant held\n", arguments.runs, arguments.seed, due_times);
  return 0;
}

}  // namespace

}  // namespace sounder::sim

int main(int argc, char** argv) {
  sounder::sim::Arguments arguments;
  CLI::App app{"Random courses of the whole engine in virtual time"};
  app.add_option("--seed", arguments.seed, "The first seed")->capture_default_str();
  app.add_option("--runs", arguments.runs, "How many seeds, one after the other")->capture_default_str();
  app.add_option("--steps", arguments.steps, "Rounds of work and disturbance in each (default: drawn)");
  app.add_option("--shrink", arguments.shrink, "Courses to try for a shorter one that fails")->capture_default_str();
  app.add_option("--replay", arguments.replay, "Execute the course of this file instead")->check(CLI::ExistingFile);
  app.add_flag("--print", arguments.print, "Print each course before it is executed");
  CLI11_PARSE(app, argc, argv);
  try {
    return arguments.replay.empty() ? sounder::sim::run(arguments) : sounder::sim::replay(arguments.replay);
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 2;
  }
}
