#include <fmt/core.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "app/commands.h"
#include "app/exit_code.h"
#include "app/version.h"

namespace sounder::app {

void add_version_command(CLI::App& parser, Action& action) {
  CLI::App* command = parser.add_subcommand("version", "Print the version and what it was built with");
  command->callback([&action] {
    action = [] {
      fmt::print("{}", version_text());
      return kExitOk;
    };
  });
}

}  // namespace sounder::app
