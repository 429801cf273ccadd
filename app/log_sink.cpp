#include "app/log_sink.h"

#include <fmt/format.h>
#include <spdlog/async.h>
#include <spdlog/logger.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <mutex>
#include <string>
#include <vector>

#include "app/log_limit.h"

namespace sounder::app {
namespace {

// A burst of state changes fits; what does not is dropped, oldest first.
constexpr std::size_t kQueuedLines = 8192;

std::shared_ptr<spdlog::logger> configured(std::shared_ptr<spdlog::logger> logger) {
  // The level is decided before a line is formatted, and the line carries everything itself.
  logger->set_level(spdlog::level::trace);
  logger->set_pattern("%v");
  logger->flush_on(spdlog::level::trace);
  return logger;
}

}  // namespace

class LogSink::Impl {
 public:
  Impl(const LogOptions& options, const io::Clock& clock)
      : options_(options),
        clock_(clock),
        sink_(std::make_shared<spdlog::sinks::stderr_sink_mt>()),
        logger_(configured(std::make_shared<spdlog::logger>("sounder", sink_))) {}

  void start_thread() {
    pool_ = std::make_shared<spdlog::details::thread_pool>(kQueuedLines, 1);
    auto queued = configured(
        std::make_shared<spdlog::async_logger>("sounder", sink_, pool_, spdlog::async_overflow_policy::overrun_oldest));
    const std::lock_guard lock(mutex_);
    logger_ = std::move(queued);
  }

  void log(base::LogLevel level, std::string_view event, std::span<const base::LogField> fields) {
    if (level < options_.level) return;
    const base::MonoTime now = clock_.mono_now();
    const std::lock_guard lock(mutex_);
    if (limit_.admit(event, now)) write(level, event, fields);
  }

  [[nodiscard]] bool wants(base::LogLevel level, std::string_view event) {
    if (level < options_.level) return false;
    const base::MonoTime now = clock_.mono_now();
    const std::lock_guard lock(mutex_);
    return limit_.would_admit(event, now);
  }

  void report_suppressed() {
    const base::MonoTime now = clock_.mono_now();
    const std::lock_guard lock(mutex_);
    for (const auto& [event, count] : limit_.take_suppressed(now)) {
      const std::vector<base::LogField> fields{{"event", event}, {"lines", fmt::to_string(count)}};
      write(base::LogLevel::kInfo, "lines left out", fields);
    }
  }

 private:
  void write(base::LogLevel level, std::string_view event, std::span<const base::LogField> fields) {
    LogLine line{.time = std::nullopt, .level = level, .event = event, .fields = fields};
    if (!options_.journal) line.time = clock_.wall_now();
    const std::string text = format_line(line, options_.format);
    logger_->log(spdlog::level::info, "{}{}",
                 options_.journal ? fmt::format("<{}>", journal_priority(level)) : std::string(), text);
  }

  LogOptions options_;
  const io::Clock& clock_;
  std::shared_ptr<spdlog::sinks::stderr_sink_mt> sink_;
  std::shared_ptr<spdlog::details::thread_pool> pool_;
  std::mutex mutex_;                        ///< of what follows
  std::shared_ptr<spdlog::logger> logger_;  ///< its destructor needs pool_
  LogLimit limit_;
};

LogSink::LogSink(const LogOptions& options, const io::Clock& clock) : impl_(std::make_unique<Impl>(options, clock)) {}

LogSink::~LogSink() = default;

void LogSink::start_thread() { impl_->start_thread(); }

void LogSink::log(base::LogLevel level, std::string_view event, std::initializer_list<base::LogField> fields) {
  impl_->log(level, event, {fields.begin(), fields.size()});
}

bool LogSink::wants(base::LogLevel level, std::string_view event) { return impl_->wants(level, event); }

void LogSink::report_suppressed() { impl_->report_suppressed(); }

}  // namespace sounder::app
