/// Loading texts in tests: what comes out, and every message in full.
#pragma once

#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include "config/file_source.h"
#include "config/load.h"

namespace sounder::config {

/// Files in memory: a glob matches what has exactly its text up to a `*`.
class FakeFiles final : public FileSource {
 public:
  std::map<std::string, std::string> texts;

  [[nodiscard]] base::Result<std::string> read(const std::filesystem::path& path) override {
    const auto found = texts.find(path.generic_string());
    if (found != texts.end()) return found->second;
    return base::fail("cannot be read", std::make_error_code(std::errc::permission_denied));
  }
  [[nodiscard]] std::vector<std::filesystem::path> matches(const std::filesystem::path& glob) override {
    const std::string begin = glob.generic_string().substr(0, glob.generic_string().find('*'));
    std::vector<std::filesystem::path> found;
    for (const auto& [name, text] : texts) {
      if (name.compare(0, begin.size(), begin) == 0) found.emplace_back(name);
    }
    return found;
  }
  [[nodiscard]] std::string stamp(const std::filesystem::path& path) override { return path.generic_string(); }
};

inline std::vector<std::string> messages(const std::vector<Diagnostic>& diagnostics) {
  std::vector<std::string> result;
  for (const auto& diagnostic : diagnostics) result.push_back(diagnostic.message());
  return result;
}

inline std::vector<std::string> errors_of(const std::string& text) {
  return messages(load_text(text, "s.yaml").errors);
}

inline std::vector<std::string> warnings_of(const std::string& text) {
  return messages(load_text(text, "s.yaml").warnings);
}

/// A wrong text and the only message that it gets.
struct Wrong {
  const char* text;
  const char* message;
};

/// The settings of a text that must be right.
inline Settings settings_of(const std::string& text) {
  auto result = load_text(text, "s.yaml");
  if (!result.settings) throw std::runtime_error(result.error_text());
  return std::move(*result.settings);
}

/// A configuration of one group, `lab`, with these targets: a YAML flow list.
inline std::string with_targets(const std::string& targets) {
  return "groups:\n  - name: lab\n    targets: " + targets + "\n";
}

/// "group target host" of each target, in order.
inline std::vector<std::string> hosts_of(const Settings& settings) {
  std::vector<std::string> hosts;
  for (const auto& target : settings.targets) {
    std::string host;
    if (const auto* const address = std::get_if<probe::HostAddress>(&target.host)) {
      host = address->address.to_string() + (address->zone.empty() ? "" : "%" + address->zone);
    } else {
      host = "name:" + std::get<probe::HostName>(target.host).name;
    }
    hosts.push_back(*target.group + " " + target.target + " " + host);
  }
  return hosts;
}

}  // namespace sounder::config
