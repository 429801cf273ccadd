/// What the commands that talk to the running daemon have in common.
#pragma once

#include <string>

#include <sounder/session.h>

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace sounder::app {

/// Adds `--socket`.
CLI::Option* add_socket_option(CLI::App& command, std::string& path);

[[nodiscard]] client::SessionOptions broker_session(const std::string& path, const std::string& command);

/// "sounder watch: connect to /run/sounder/broker.sock: Connection refused (is `sounder run` running?)"
[[nodiscard]] std::string no_daemon_message(const std::string& command, const client::Failure& failure);

}  // namespace sounder::app
