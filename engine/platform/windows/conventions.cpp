// What people expect of a program on a console.
#include <csignal>

#include "engine/platform/platform.h"
#include "engine/platform/windows/system_headers.h"
#include "engine/platform/windows/text.h"

namespace sounder::platform {

/// The C library turns Ctrl-C into SIGINT, and Ctrl-Break, the closing of the console and the end of the session into
/// SIGBREAK. SIGTERM comes from nobody but ourselves.
std::vector<int> stop_signals() { return {SIGINT, SIGBREAK, SIGTERM}; }

std::optional<int> reload_signal() { return std::nullopt; }

/// Writing to a pipe that nobody reads is an error here, never the end.
void ignore_broken_pipes() {}

std::string default_config_file() {
  std::wstring folder(MAX_PATH, L'\0');
  folder.resize(GetEnvironmentVariableW(L"ProgramData", folder.data(), MAX_PATH));
  return (folder.empty() || folder.size() >= MAX_PATH ? "C:\\ProgramData" : to_utf8(folder)) +
         "\\sounder\\sounder.yaml";
}

HelpWords help_words() {
  return {.rights = "a console or service of an account in Administrators, elevated",
          .reload = "POST /-/reload, or by changing a file",
          .stop = "Ctrl-C or Ctrl-Break"};
}

}  // namespace sounder::platform
