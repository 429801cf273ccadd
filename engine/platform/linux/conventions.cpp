// What people and service managers expect of a program.
#include <csignal>

#include "engine/platform/platform.h"

namespace sounder::platform {

std::vector<int> stop_signals() { return {SIGTERM, SIGINT}; }

std::optional<int> reload_signal() { return SIGHUP; }

void ignore_broken_pipes() { std::signal(SIGPIPE, SIG_IGN); }

std::string default_config_file() { return "/etc/sounder/sounder.yaml"; }

HelpWords help_words() {
  return {.rights = "root, CAP_NET_RAW, or a group in the sysctl net.ipv4.ping_group_range",
          .reload = "SIGHUP, POST /-/reload, or by changing a file",
          .stop = "SIGTERM or Ctrl-C"};
}

}  // namespace sounder::platform
