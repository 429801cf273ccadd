// Plays one scenario by hand and prints what must have been counted beside what was.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>

#include "tests/lab/real_player.h"
#include "tests/lab/virtual_player.h"

int main(int argc, char** argv) {
  CLI::App app{"Plays a scenario against the real daemon, and compares its counts with the network's log."};
  std::string file;
  long seconds = 0;
  bool virtual_time = false;
  bool print = false;
  app.add_option("SCENARIO", file, "a file of tests/lab/scenarios")->required();
  app.add_option("--seconds", seconds, "probe for so long, and play the timeline again and again")
      ->check(CLI::Range(1, 1'000'000));
  app.add_flag("--virtual", virtual_time, "in the simulator, in virtual time");
  app.add_flag("--print", print, "only print the scenario, with every default");
  CLI11_PARSE(app, argc, argv);

  auto scenario = sounder::lab::read_scenario(file);
  if (!scenario) {
    fmt::print(stderr, "{}\n", scenario.error().message());
    return 2;
  }
  if (seconds != 0) scenario->last(std::chrono::seconds(seconds));
  if (print) {
    fmt::print("{}", sounder::lab::write_scenario(*scenario));
    return 0;
  }
  try {
    const auto run = virtual_time ? sounder::lab::play_virtually(*scenario) : sounder::lab::play_really(*scenario);
    const bool right = sounder::lab::differences(*scenario, run).empty();
    fmt::print("{}{}\n", sounder::lab::table(*scenario, run),
               right ? "every probe is accounted for" : "THE COUNTS DIFFER");
    return right ? 0 : 1;
  } catch (const std::exception& error) {
    fmt::print(stderr, "lab: {}\n", error.what());
    return 2;
  }
}
