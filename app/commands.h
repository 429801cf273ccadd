/// The subcommands; each adds itself to the parser and leaves in `action` what is to be done if it was chosen.
#pragma once

#include <functional>

namespace CLI {
class App;
}

namespace sounder::app {

/// Gives the exit code (exit_code.h).
using Action = std::function<int()>;

void add_run_command(CLI::App& parser, Action& action);
void add_check_command(CLI::App& parser, Action& action);
void add_ping_command(CLI::App& parser, Action& action);
void add_watch_command(CLI::App& parser, Action& action);
void add_broker_command(CLI::App& parser, Action& action);
void add_version_command(CLI::App& parser, Action& action);

/// Parses, and does what the command line asks for.
int run_command_line(int argc, const char* const* argv);

}  // namespace sounder::app
