#include "tests/tidy/include_check.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace sounder::tidy {

namespace {

/// Whose a header in angle brackets is, by the beginning of its name; the first that fits.
constexpr std::array<std::pair<std::string_view, std::string_view>, 31> kLibraries{{
    {"boost/asio/", "<asio>"},
    {"boost/system/", "<asio>"},
    {"boost/version.hpp", "<asio>"},
    {"boost/beast/", "<beast>"},
    {"boost/json", "<json>"},
    {"boost/intrusive/", "<intrusive>"},
    {"fmt/", "<fmt>"},
    {"tl/", "<tl>"},
    {"yaml-cpp/", "<yaml-cpp>"},
    {"prometheus/", "<prometheus>"},
    {"spdlog/", "<spdlog>"},
    {"CLI/", "<cli11>"},
    {"zlib.h", "<zlib>"},
    {"gtest/", "<test>"},
    {"gmock/", "<test>"},
    {"rapidcheck", "<test>"},
    {"benchmark/", "<benchmark>"},
    {"flatbuffers/", "<flatbuffers>"},
    {"sounder/", "<sounder>"},
    {"sys/", "<os>"},
    {"linux/", "<os>"},
    {"net/", "<os>"},
    {"netinet/", "<os>"},
    {"arpa/", "<os>"},
    {"asm/", "<os>"},
    {"windows.h", "<os>"},
    {"winsock2.h", "<os>"},
    {"ws2tcpip.h", "<os>"},
    {"iphlpapi.h", "<os>"},
    {"icmpapi.h", "<os>"},
    {"mswsock.h", "<os>"},
}};

/// The C++ library's headers have no extension and no folder; other .h files are the system's.
std::string_view library_of(std::string_view header) {
  for (const auto& [beginning, library] : kLibraries) {
    if (header.starts_with(beginning)) return library;
  }
  if (header.find('/') != std::string_view::npos) return "";
  return header.ends_with(".h") ? "<os>" : "<std>";
}

bool lies_in(std::string_view path, std::string_view folder) {
  return path.starts_with(folder) && (path.size() == folder.size() || path[folder.size()] == '/');
}

const IncludeRule* rule_of(std::string_view path, const std::vector<IncludeRule>& table) {
  const IncludeRule* best = nullptr;
  for (const auto& rule : table) {
    if (lies_in(path, rule.folder) && (best == nullptr || rule.folder.size() > best->folder.size())) best = &rule;
  }
  return best;
}

struct Include {
  std::size_t line = 0;
  std::string_view name;
  bool angled = false;
};

std::optional<Include> include_in(std::string_view line, std::string_view code) {
  constexpr std::string_view kDirective = "#include";
  const auto begin = code.find_first_not_of(" \t");
  if (begin == std::string_view::npos || !code.substr(begin).starts_with(kDirective)) return std::nullopt;
  const auto open = line.find_first_of("<\"", begin + kDirective.size());
  if (open == std::string_view::npos) return std::nullopt;
  const auto close = line.find_first_of(">\"", open + 1);
  return Include{0, line.substr(open + 1, close - open - 1), line[open] == '<'};
}

std::vector<Include> includes_of(const SourceFile& source, const std::string& code) {
  std::vector<Include> includes;
  const auto lines = lines_of(source.text);
  const auto code_lines = lines_of(code);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    auto include = include_in(lines[i], code_lines[i]);
    if (!include) continue;
    include->line = i + 1;
    includes.push_back(*include);
  }
  return includes;
}

bool is_allowed(const Include& include, const SourceFile& source, const IncludeRule& rule) {
  const auto library = library_of(include.name);
  if (include.angled && (library == "<std>" || library == "<tl>" || library == "<fmt>")) return true;
  if (!include.angled && lies_in(include.name, rule.folder)) return true;
  return std::any_of(rule.allowed.begin(), rule.allowed.end(), [&](std::string_view entry) {
    if (entry.ends_with("@cpp")) {
      if (!source.path.ends_with(".cpp")) return false;
      entry.remove_suffix(4);
    }
    return include.angled ? entry == library : lies_in(include.name, entry);
  });
}

std::string refusal(const Include& include, const IncludeRule& rule) {
  if (include.angled && library_of(include.name).empty()) return "belongs to no library that the house uses";
  return rule.folder + " may not include it (tests/tidy/include_table.txt)";
}

}  // namespace

std::vector<IncludeRule> parse_include_table(std::string_view text) {
  std::vector<IncludeRule> table;
  for (const auto line : lines_of(text)) {
    const auto colon = line.find(':');
    if (line.starts_with('#') || colon == std::string_view::npos) continue;
    IncludeRule rule{std::string(line.substr(0, colon)), {}};
    for (const auto entry : words_of(line.substr(colon + 1))) rule.allowed.emplace_back(entry);
    table.push_back(std::move(rule));
  }
  return table;
}

std::vector<Complaint> check_includes(const std::vector<SourceFile>& sources, const std::vector<IncludeRule>& table) {
  std::vector<Complaint> complaints;
  for (const auto& source : sources) {
    const auto* rule = rule_of(source.path, table);
    if (rule == nullptr) {
      complaints.push_back({"include", source.path, 1, source.path, "lies in no folder of the include table"});
      continue;
    }
    const auto code = code_only(source.text);
    for (const auto& include : includes_of(source, code)) {
      if (is_allowed(include, source, *rule)) continue;
      complaints.push_back({"include", source.path, include.line, std::string(include.name), refusal(include, *rule)});
    }
  }
  return complaints;
}

}  // namespace sounder::tidy
