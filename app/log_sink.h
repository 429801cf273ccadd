/// What writes the lines of base::Logger: spdlog on stderr.
#pragma once

#include <initializer_list>
#include <memory>
#include <string_view>

#include "app/log_format.h"
#include "engine/base/log.h"
#include "engine/io/clock.h"

namespace sounder::app {

struct LogOptions {
  base::LogLevel level = base::LogLevel::kInfo;
  LogFormat format = LogFormat::kLogfmt;
  bool journal = false;  ///< stderr is journald's: `<N>` before each line, and no time in it
};

/// Safe to call from any thread. Errors pass the limit of log_limit.h like everything else: they too can come by the
/// thousand.
class LogSink final : public base::Logger {
 public:
  LogSink(const LogOptions& options, const io::Clock& clock);
  ~LogSink() override;

  /// From here on lines are written by a thread of their own, and the oldest are dropped rather than that anybody
  /// waits for a stuck terminal or journal. Before, they are written by the caller: threads are to start only after
  /// privileges have been dropped.
  void start_thread();

  void log(base::LogLevel level, std::string_view event, std::initializer_list<base::LogField> fields) override;
  [[nodiscard]] bool wants(base::LogLevel level, std::string_view event) override;

  /// Writes how many lines of which event have been left out since it was last told. To be called now and then.
  void report_suppressed();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sounder::app
