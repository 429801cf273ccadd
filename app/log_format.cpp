#include "app/log_format.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json/serialize.hpp>
#include <chrono>
#include <utility>

namespace sounder::app {
namespace {

struct LevelName {
  base::LogLevel level;
  const char* name;
  int priority;
};

// The priorities are those of syslog(3).
constexpr std::array kLevels{LevelName{base::LogLevel::kDebug, "debug", 7}, LevelName{base::LogLevel::kInfo, "info", 6},
                             LevelName{base::LogLevel::kWarning, "warning", 4},
                             LevelName{base::LogLevel::kError, "error", 3}};

const LevelName& find_level(base::LogLevel level) {
  return *std::find_if(kLevels.begin(), kLevels.end(), [&](const LevelName& entry) { return entry.level == level; });
}

/// RFC 3339 in UTC with milliseconds.
std::string utc_text(base::WallTime time) {
  const auto since_epoch = std::chrono::floor<std::chrono::milliseconds>(time.time_since_epoch());
  const auto seconds = std::chrono::floor<std::chrono::seconds>(since_epoch);
  const std::chrono::sys_seconds calendar{seconds};
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", calendar, (since_epoch - seconds).count());
}

bool is_plain(char c) { return c > ' ' && c != '"' && c != '=' && c != '\\' && c != '\x7f'; }

/// A value as logfmt has it: bare where that can't be misread, else in quotes with escapes.
std::string logfmt_value(std::string_view text) {
  if (!text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return is_plain(c) || (c & '\x80') != 0; })) {
    return std::string(text);
  }
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if ((c >= 0 && c < ' ') || c == '\x7f') {
      out += fmt::format("\\x{:02x}", static_cast<unsigned>(c));
    } else {
      out += c;
    }
  }
  return out + '"';
}

std::string json_string(std::string_view text) { return boost::json::serialize(boost::json::string_view(text)); }

}  // namespace

const char* to_string(base::LogLevel level) { return find_level(level).name; }

int journal_priority(base::LogLevel level) { return find_level(level).priority; }

std::optional<base::LogLevel> parse_log_level(std::string_view text) {
  for (const LevelName& entry : kLevels) {
    if (text == entry.name) return entry.level;
  }
  return std::nullopt;
}

std::optional<LogFormat> parse_log_format(std::string_view text) {
  if (text == "logfmt") return LogFormat::kLogfmt;
  if (text == "json") return LogFormat::kJson;
  return std::nullopt;
}

std::string format_line(const LogLine& line, LogFormat format) {
  std::string out;
  const auto add = [&](std::string_view key, std::string_view value) {
    if (format == LogFormat::kJson) {
      out += fmt::format("{}{}:{}", out.empty() ? "{" : ",", json_string(key), json_string(value));
    } else {
      out += fmt::format("{}{}={}", out.empty() ? "" : " ", key, logfmt_value(value));
    }
  };
  if (line.time) add("ts", utc_text(*line.time));
  add("level", to_string(line.level));
  add("msg", line.event);
  for (const base::LogField& field : line.fields) add(field.key, field.value);
  if (format == LogFormat::kJson) out += '}';
  return out;
}

}  // namespace sounder::app
