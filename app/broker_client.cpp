#include "app/broker_client.h"

#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

namespace sounder::app {

CLI::Option* add_socket_option(CLI::App& command, std::string& path) {
  return command.add_option(
      "--socket", path,
      "The daemon's socket or pipe (default: the environment's SOUNDER_BROKER, or else the system's)");
}

client::SessionOptions broker_session(const std::string& path, const std::string& command) {
  client::SessionOptions options;
  options.path = path;
  options.program = "sounder " + command;
  return options;
}

std::string no_daemon_message(const std::string& command, const client::Failure& failure) {
  return fmt::format("sounder {}: {} (is `sounder run` running, with its broker enabled?)", command,
                     failure.text.empty() ? failure.error.message() : failure.text);
}

}  // namespace sounder::app
