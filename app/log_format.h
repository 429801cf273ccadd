/// One log line as text: logfmt or JSON, pure.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "engine/base/log.h"
#include "engine/base/time.h"

namespace sounder::app {

enum class LogFormat { kLogfmt, kJson };

[[nodiscard]] const char* to_string(base::LogLevel level);
[[nodiscard]] std::optional<base::LogLevel> parse_log_level(std::string_view text);
[[nodiscard]] std::optional<LogFormat> parse_log_format(std::string_view text);

struct LogLine {
  std::optional<base::WallTime> time;  ///< left out where the reader stamps lines itself
  base::LogLevel level = base::LogLevel::kInfo;
  std::string_view event;
  std::span<const base::LogField> fields;
};

/// The line without its end. Whatever the values hold, it stays one line, and a JSON line one object.
[[nodiscard]] std::string format_line(const LogLine& line, LogFormat format);

/// The number that journald takes for the level when it stands as `<N>` before a line (sd-daemon(3)).
[[nodiscard]] int journal_priority(base::LogLevel level);

}  // namespace sounder::app
