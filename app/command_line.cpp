#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "app/commands.h"
#include "app/exit_code.h"

namespace sounder::app {

int run_command_line(int argc, const char* const* argv) {
  CLI::App parser(
      "Probes many hosts with ICMP echo requests, keeps a true record of each probe, and serves the\n"
      "numbers to Prometheus.",
      "sounder");
  parser.require_subcommand(1);
  parser.footer(
      "Examples:\n"
      "  sounder ping -c 3 127.0.0.1 ::1        three requests to each, now\n"
      "  sounder watch                          what the running daemon sees of the network and its targets, live\n"
      "  sounder check sounder.yaml             is this configuration right, and what does it amount to?\n"
      "  sounder run -c sounder.yaml            probe and serve http://127.0.0.1:19719/metrics\n"
      "\n"
      "A configuration:\n"
      "  groups:\n"
      "    - name: gateways\n"
      "      interval: 500ms\n"
      "      targets: [192.0.2.1, router.example, 2001:db8::/120]\n"
      "\n"
      "`sounder COMMAND --help` tells more about each.");
  Action action;
  add_run_command(parser, action);
  add_check_command(parser, action);
  add_ping_command(parser, action);
  add_watch_command(parser, action);
  add_broker_command(parser, action);
  add_version_command(parser, action);
  try {
    parser.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    // Zero is a request for help, which has been answered.
    return parser.exit(error) == 0 ? kExitOk : kExitUsage;
  }
  return action();
}

}  // namespace sounder::app
