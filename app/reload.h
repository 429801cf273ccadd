/// A new configuration while the old one runs: loaded and checked on a worker, then applied whole or refused whole.
#pragma once

#include <filesystem>
#include <functional>
#include <string_view>
#include <vector>

#include "config/load.h"
#include "engine/base/log.h"
#include "engine/io/clock.h"
#include "engine/runtime/workers.h"
#include "exporters/daemon_status.h"

namespace sounder::app {

/// What a reload does to the daemon around it.
struct ReloadHooks {
  std::function<void()> begun;
  /// Makes `settings` what runs and calls `applied` once it does.
  std::function<void(config::Settings settings, std::function<void()> applied)> apply;
  /// Applied or refused; nothing is under way any more.
  std::function<void()> ended;
};

/// Service thread. One reload at a time. What is asked for meanwhile starts another afterwards, since the files may
/// have changed after they were read; all who asked share that one.
class Reloader {
 public:
  /// `sources` are those of the configuration that runs. References outlive the reloader, or workers.stop().
  Reloader(std::filesystem::path path, config::Sources sources, runtime::Workers& workers, const io::Clock& clock,
           base::Logger& log, ReloadHooks hooks);

  /// `cause` is a constant for the log: "SIGHUP".
  void request(std::string_view cause, exporters::ReloadDone done);

  /// Fails before the first configuration has been applied: call on_first_applied() then.
  [[nodiscard]] const exporters::ReloadStatus& status() const { return status_; }
  void on_first_applied();
  [[nodiscard]] bool under_way() const { return under_way_; }
  /// What the last attempt read, also a refused one.
  [[nodiscard]] const config::Sources& sources() const { return sources_; }

 private:
  void start();
  void on_loaded(config::LoadResult result);
  void refuse(const config::LoadResult& result);
  void end(const std::optional<std::string>& errors);

  std::filesystem::path path_;
  config::Sources sources_;
  runtime::Workers& workers_;
  const io::Clock& clock_;
  base::Logger& log_;
  ReloadHooks hooks_;
  exporters::ReloadStatus status_;
  bool under_way_ = false;
  std::vector<exporters::ReloadDone> served_;   ///< by the reload that is under way
  std::vector<exporters::ReloadDone> waiting_;  ///< for the next one
};

}  // namespace sounder::app
