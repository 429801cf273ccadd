/// Runs a program to its end.
#pragma once

#include <chrono>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/child_process.h"

namespace sounder::testing {

struct ProgramResult {
  int code = 0;
  std::string output;  ///< both streams, as they came
};

/// Throws if it does not end within `limit`, which only finds hangs.
inline ProgramResult run_program(std::vector<std::string> argv, std::chrono::seconds limit = std::chrono::seconds(60)) {
  const std::string name = argv.front();
  ChildProcess process(std::move(argv));
  const auto code = process.wait_exit(limit);
  if (!code) throw std::runtime_error(name + " did not end; its output:\n" + process.output());
  // What it wrote last may still be on its way from the pipe.
  process.wait_for_output([](const std::string&) { return false; }, limit);
  return {.code = *code, .output = process.output()};
}

/// The executable of this build, with its arguments.
inline ProgramResult run_sounder(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), SOUNDER_BINARY);
  return run_program(std::move(arguments));
}

}  // namespace sounder::testing
