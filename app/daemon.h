/// The composition root of `sounder run`: makes everything, connects it, and ends it in the right order.
///
/// Threads: the service thread, which is the caller's, holds HTTP, the broker, the target feed, reloads and signals;
/// the probe thread is runtime::ProbeLoop's; what blocks happens on runtime::Workers; the log writes on a thread of its
/// own.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "app/log_sink.h"
#include "config/load.h"
#include "engine/base/result.h"
#include "engine/io/clock.h"
#include "engine/probe/events.h"
#include "engine/probe/snapshot.h"

namespace sounder::app {

struct DaemonOptions {
  std::filesystem::path config_file;
  std::optional<config::ListenAddress> listen;  ///< instead of the configuration's
  std::optional<std::string> broker;            ///< likewise, of broker.path
  /// Called on the service thread for every outcome; empty: none leaves the probe thread.
  std::function<void(const probe::TargetInfo&, const probe::Outcome&)> on_outcome;
};

class Daemon {
 public:
  /// `clock` and `log` outlive the daemon.
  Daemon(DaemonOptions options, const io::Clock& clock, LogSink& log);
  ~Daemon();
  Daemon(const Daemon&) = delete;
  Daemon& operator=(const Daemon&) = delete;

  /// Opens the sockets and both listeners, then gives up every right that is no longer needed. No thread is started.
  [[nodiscard]] base::Result<void> open(config::Settings settings);
  /// Probes and serves until a signal asks it to stop. After open(); once.
  void run();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sounder::app
