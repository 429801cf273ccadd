#include <fmt/core.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <cstdio>
#include <memory>
#include <string>

#include "app/check_report.h"
#include "app/commands.h"
#include "app/exit_code.h"
#include "config/load.h"

namespace sounder::app {
namespace {

int check(const std::string& file) {
  const config::LoadResult result = config::load(file);
  for (const config::Diagnostic& warning : result.warnings) fmt::print(stderr, "warning: {}\n", warning.message());
  if (!result.settings) {
    const std::string errors = result.error_text();
    fmt::print(stderr, "{}{}", errors, errors.ends_with('\n') ? "" : "\n");
    return kExitUsage;
  }
  fmt::print("{}", check_report(*result.settings));
  return kExitOk;
}

}  // namespace

void add_check_command(CLI::App& parser, Action& action) {
  CLI::App* command = parser.add_subcommand(
      "check", "Read a configuration without running it: print what it expands to, or every mistake in it");
  const auto file = std::make_shared<std::string>();
  command->add_option("FILE", *file, "The configuration")->required();
  command->footer(
      "Prints targets, probes a second, bits a second and memory; or a line FILE:LINE:COLUMN: WHAT for each mistake,\n"
      "all at once. Names are not looked up.\n"
      "Ends with 0 if the configuration is right, 2 if it is not.");
  command->callback([&action, file] { action = [file] { return check(*file); }; });
}

}  // namespace sounder::app
