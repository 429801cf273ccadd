#include "app/reload.h"

#include "app/broker_settings.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace sounder::app {

Reloader::Reloader(std::filesystem::path path, config::Sources sources, runtime::Workers& workers,
                   const io::Clock& clock, base::Logger& log, ReloadHooks hooks)
    : path_(std::move(path)),
      sources_(std::move(sources)),
      workers_(workers),
      clock_(clock),
      log_(log),
      hooks_(std::move(hooks)) {}

void Reloader::on_first_applied() {
  status_.last_successful = true;
  status_.last_success = clock_.wall_now();
}

void Reloader::request(std::string_view cause, exporters::ReloadDone done) {
  log_.info("reload asked for", {{"by", std::string(cause)}});
  waiting_.push_back(std::move(done));
  if (!under_way_) start();
}

void Reloader::start() {
  under_way_ = true;
  served_ = std::exchange(waiting_, {});
  hooks_.begun();
  workers_.submit([this, path = path_]() -> runtime::Workers::Completion {
    // Shared, since a completion must be copyable and a configuration is large.
    auto result = std::make_shared<config::LoadResult>(load_configuration(path));
    return [this, result] { on_loaded(std::move(*result)); };
  });
}

void Reloader::on_loaded(config::LoadResult result) {
  sources_ = result.sources;
  for (const config::Diagnostic& warning : result.warnings) {
    log_.warning("configuration warning", {{"at", warning.message()}});
  }
  if (!result.settings) return refuse(result);
  hooks_.apply(std::move(*result.settings), [this] {
    on_first_applied();
    log_.info("configuration applied", {{"file", path_.generic_string()}});
    end(std::nullopt);
  });
}

void Reloader::refuse(const config::LoadResult& result) {
  status_.last_successful = false;
  const std::string errors = result.error_text();
  log_.error("configuration refused, the old one goes on", {{"file", path_.generic_string()}, {"errors", errors}});
  end(errors);
}

void Reloader::end(const std::optional<std::string>& errors) {
  under_way_ = false;
  hooks_.ended();
  // A callback may ask for the next reload at once.
  for (const exporters::ReloadDone& done : std::exchange(served_, {})) {
    if (done) done(errors);
  }
  if (!waiting_.empty() && !under_way_) start();
}

}  // namespace sounder::app
