/// Logging as the libraries see it: levels and key=value fields. What writes the lines is chosen in app/.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

namespace sounder::base {

enum class LogLevel { kDebug, kInfo, kWarning, kError };

/// One `key=value` of a line. The value is text; the sink quotes it as its format needs.
struct LogField {
  std::string_view key;
  std::string value;
};

/// A sink of log lines. Implementations are safe to call from any thread and never throw.
class Logger {
 public:
  Logger() = default;
  Logger(const Logger&) = delete;
  Logger& operator=(const Logger&) = delete;
  virtual ~Logger() = default;

  /// `event` is a constant sentence without values in it, so that lines of one cause can be found and counted.
  virtual void log(LogLevel level, std::string_view event, std::initializer_list<LogField> fields) = 0;

  /// Whether log() would write a line of `event` now; if not, the line counts as left out. For those that build their
  /// fields with effort, ten thousand at a time.
  [[nodiscard]] virtual bool wants(LogLevel /*level*/, std::string_view /*event*/) { return true; }

  void debug(std::string_view event, std::initializer_list<LogField> fields = {}) {
    log(LogLevel::kDebug, event, fields);
  }
  void info(std::string_view event, std::initializer_list<LogField> fields = {}) {
    log(LogLevel::kInfo, event, fields);
  }
  void warning(std::string_view event, std::initializer_list<LogField> fields = {}) {
    log(LogLevel::kWarning, event, fields);
  }
  void error(std::string_view event, std::initializer_list<LogField> fields = {}) {
    log(LogLevel::kError, event, fields);
  }
};

}  // namespace sounder::base
