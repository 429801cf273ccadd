#include "app/daemon.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "app/broker_settings.h"
#include "app/file_watch.h"
#include "app/network_feed.h"
#include "app/probing.h"
#include "app/reload.h"
#include "app/state_log.h"
#include "app/version.h"
#include "app/watchdog.h"
#include "engine/platform/platform.h"
#include "engine/runtime/accounting_check.h"
#include "engine/runtime/broker_server.h"
#include "engine/runtime/probe_loop.h"
#include "engine/runtime/target_feed.h"
#include "engine/runtime/workers.h"
#include "exporters/http/server.h"

namespace sounder::app {
namespace {

/// Beside those that may hang in a resolver: one for files that are read, one for files that are looked at.
constexpr std::size_t kFileWorkers = 2;

/// Outcomes that may wait for a service thread that renders a scrape: some seconds of 50,000 a second. Nothing, while
/// nobody follows them.
constexpr std::size_t kOutcomeRing = std::size_t{1} << 18U;

/// A local client has its stream and its process; the daemon has sockets, files and connections for HTTP.
constexpr std::uint64_t kClientDescriptors = 2;
constexpr std::uint64_t kOwnDescriptors = 256;

constexpr base::Duration kLogReport = std::chrono::seconds(10);

bool uses_mark(const config::Settings& settings) {
  return std::any_of(settings.targets.begin(), settings.targets.end(),
                     [](const probe::TargetSpec& target) { return target.options->mark != 0; });
}

runtime::NameSettings name_settings(const config::ResolverSettings& settings) {
  return {.refresh = settings.refresh, .retry = settings.retry};
}

}  // namespace

class Daemon::Impl {
 public:
  Impl(DaemonOptions options, const io::Clock& clock, LogSink& log)
      : options_(std::move(options)), clock_(clock), log_(log), notify_(platform::make_service_notify()) {}
  ~Impl() { stop(); }

  base::Result<void> open(config::Settings settings);
  void run();

 private:
  void make_loop();
  void make_feed();
  void make_network_feed();
  [[nodiscard]] base::Result<void> make_broker();
  void allow_clients();
  void make_reloader();
  void apply(config::Settings settings, std::function<void()> applied);
  void keep_what_needs_a_restart(config::Settings& settings);
  void wait_for_signal();
  void report_log();
  void stop();
  [[nodiscard]] exporters::DaemonStatus status();
  [[nodiscard]] exporters::BrokerNumbers broker_numbers() const;
  [[nodiscard]] std::map<std::string, std::size_t> targets_by_group() const;
  [[nodiscard]] std::string summary() const;

  const DaemonOptions options_;
  const io::Clock& clock_;
  LogSink& log_;
  std::unique_ptr<io::ServiceNotify> notify_;
  std::unique_ptr<io::ProcessStats> process_ = platform::make_process_stats();
  config::Settings settings_;  ///< what runs; its targets are with the feed
  bool may_mark_ = false;      ///< the right to set marks was kept
  bool ready_ = false;
  bool stopped_ = false;

  boost::asio::io_context probe_context_;
  boost::asio::io_context service_;
  std::unique_ptr<io::PacketIo> sockets_;
  std::optional<runtime::Workers> workers_;
  std::optional<runtime::ProbeLoop> loop_;
  std::optional<runtime::TargetFeed> feed_;
  std::optional<NetworkFeed> network_;
  std::optional<runtime::BrokerServer> broker_;
  std::optional<Reloader> reloader_;
  std::optional<FileWatch> watch_;
  std::optional<Watchdog> watchdog_;
  std::optional<runtime::AccountingCheck> accounting_check_;
  std::optional<exporters::http::Server> server_;
  boost::asio::signal_set signals_{service_};
  boost::asio::steady_timer log_timer_{service_};
};

base::Result<void> Daemon::Impl::open(config::Settings settings) {
  settings_ = std::move(settings);
  if (options_.listen) settings_.listen = *options_.listen;
  if (options_.broker) settings_.broker.path = *options_.broker;
  may_mark_ = uses_mark(settings_);

  auto sockets = open_sockets(settings_.engine, probe_context_.get_executor(), clock_, log_);
  if (!sockets) return tl::unexpected(sockets.error());
  sockets_ = std::move(*sockets);
  workers_.emplace(service_, settings_.resolver.workers + kFileWorkers);
  make_loop();
  make_feed();
  make_network_feed();
  if (auto made = make_broker(); !made) return made;
  make_reloader();
  watch_.emplace(service_, *workers_, *reloader_);
  watchdog_.emplace(service_, *notify_, loop_->numbers());
  accounting_check_.emplace(
      service_, [this] { return feed_->snapshot(); }, log_);
  server_.emplace(service_, status(), log_);
  const auto port = server_->listen(settings_.listen.host, settings_.listen.port);
  if (!port) return tl::unexpected(port.error());
  log_.info("listening", {{"address", settings_.listen.host}, {"port", fmt::to_string(*port)}});
  return platform::make_privileges()->drop({.keep_mark = may_mark_, .user = settings_.user});
}

void Daemon::Impl::make_loop() {
  probe::EngineConfig engine = engine_config(settings_.engine, sockets_->traits());
  if (settings_.broker.enabled) engine.max_requests = base::kMaxEchoes;
  const bool has_followers = options_.on_outcome || settings_.broker.enabled;
  loop_.emplace(probe_context_, *sockets_, clock_, engine,
                runtime::EventCapacities{.outcomes = has_followers ? kOutcomeRing : 0});
  loop_->follow_outcomes(options_.on_outcome != nullptr);
}

void Daemon::Impl::make_feed() {
  feed_.emplace(runtime::TargetFeedContext{
      .service = service_,
      .clock = clock_,
      .log = log_,
      .workers = *workers_,
      .resolver = platform::make_resolver(),
      .parallel_lookups = settings_.resolver.workers,
      .interface_index = platform::interface_index,
      .submit = [this](std::unique_ptr<probe::TargetDelta> delta) { loop_->submit(std::move(delta)); },
      .events = {.outcome =
                     [this](const std::shared_ptr<const probe::TargetInfo>& target, const probe::Outcome& outcome) {
                       if (options_.on_outcome) options_.on_outcome(*target, outcome);
                       if (broker_) broker_->on_outcome(target, outcome);
                     },
                 .outcomes_lost =
                     [this](std::uint64_t /*count*/) {
                       if (broker_) broker_->on_outcomes_lost();
                     },
                 .stray = {},
                 .change = [this](const probe::TargetInfo& target,
                                  const probe::StateChange& change) { log_state_change(log_, target, change); }},
      .echo =
          [this](const probe::EchoResult& result) {
            if (broker_) broker_->on_echo(result);
          }});
}

void Daemon::Impl::make_network_feed() {
  NetworkFollowers followers;
  followers.paths = [this](std::shared_ptr<const net::Paths> paths) { loop_->publish_paths(std::move(paths)); };
  followers.interfaces = [this] { feed_->look_at_interfaces(); };
  if (settings_.broker.enabled) {
    followers.changes = [this](bool lost_count) {
      if (broker_) broker_->on_network(lost_count);
    };
  }
  network_.emplace(service_, clock_, log_, platform::open_network_watch({}, service_.get_executor()),
                   std::move(followers));
}

/// Takes the name that clients connect to, which may need rights that are given up afterwards.
base::Result<void> Daemon::Impl::make_broker() {
  if (!settings_.broker.enabled) return {};
  const std::string path = broker_path(settings_.broker);
  auto listener = platform::open_local_listener(
      {.name = path, .mode = settings_.broker.mode, .group = settings_.broker.group}, service_.get_executor(), log_);
  if (!listener) {
    return base::fail(
        listener.error().message() +
        "; local programs connect there: `broker.path` (or --broker) names another place, which this user "
        "must be able to make, and `broker: {enabled: false}` does without");
  }
  runtime::BrokerServerContext context{
      .service = service_,
      .clock = clock_,
      .log = log_,
      .network = network_->changes(),
      .config = {.settings = broker_settings(settings_.broker),
                 .instance = {platform::random_bits(), platform::random_bits()},
                 .packets_per_second = settings_.engine.rate_limit},
      .memory = platform::page_memory(),
      .listener = std::move(*listener),
      .is_configured = [this](const base::IpAddress& address) { return feed_->has_address(address); },
      .request = [this](const probe::EchoRequest& request) { return loop_->request(request); },
      .follow_outcomes = [this](bool wanted) { loop_->follow_outcomes(wanted || options_.on_outcome); }};
  broker_.emplace(std::move(context));
  allow_clients();
  log_.info("local clients connect here", {{"path", path}});
  return {};
}

void Daemon::Impl::allow_clients() {
  const std::uint64_t wanted = kOwnDescriptors + kClientDescriptors * settings_.broker.quotas.connections.broker;
  const std::uint64_t allowed = platform::allow_descriptors(wanted);
  if (allowed >= wanted) return;
  log_.warning(
      "fewer local clients fit than `broker.limits.connections` allows: raise the limit of open files "
      "(systemd: LimitNOFILE)",
      {{"open_files", std::to_string(allowed)}, {"wanted", std::to_string(wanted)}});
}

void Daemon::Impl::make_reloader() {
  ReloadHooks hooks;
  hooks.begun = [this] { notify_->reloading(); };
  hooks.apply = [this](config::Settings settings, std::function<void()> applied) {
    keep_what_needs_a_restart(settings);
    apply(std::move(settings), std::move(applied));
  };
  hooks.ended = [this] { notify_->ready(summary()); };
  reloader_.emplace(options_.config_file, settings_.sources, *workers_, clock_, log_, std::move(hooks));
}

void Daemon::Impl::run() {
  for (const int signal : platform::stop_signals()) signals_.add(signal);
  if (const auto signal = platform::reload_signal()) signals_.add(*signal);
  wait_for_signal();
  log_.start_thread();
  report_log();
  loop_->start(service_, *feed_);
  network_->start();
  if (broker_) broker_->start();
  apply(std::move(settings_), [this] {
    ready_ = true;
    reloader_->on_first_applied();
    notify_->ready(summary());
    log_.info("ready", {{"targets", fmt::to_string(settings_.totals.targets)}});
    watch_->start();
    watchdog_->start();
    accounting_check_->start();
  });
  service_.run();
}

/// Hands the targets to the feed and keeps the rest.
void Daemon::Impl::apply(config::Settings settings, std::function<void()> applied) {
  auto targets = std::make_shared<const std::vector<probe::TargetSpec>>(std::move(settings.targets));
  settings_ = std::move(settings);
  settings_.targets.clear();
  if (broker_) {
    broker_->configure(broker_settings(settings_.broker));
    allow_clients();
  }
  feed_->configure(std::move(targets), name_settings(settings_.resolver), std::move(applied));
}

void Daemon::Impl::keep_what_needs_a_restart(config::Settings& settings) {
  const auto keep = [this](auto& changed, const auto& running, std::string key) {
    if (changed == running) return;
    log_.warning("this change needs a restart", {{"key", std::move(key)}});
    changed = running;
  };
  if (options_.listen) settings.listen = *options_.listen;
  if (options_.broker) settings.broker.path = *options_.broker;
  keep(settings.listen, settings_.listen, "listen");
  keep(settings.user, settings_.user, "user");
  keep(settings.engine, settings_.engine, "engine");
  keep(settings.broker.enabled, settings_.broker.enabled, "broker.enabled");
  keep(settings.broker.path, settings_.broker.path, "broker.path");
  keep(settings.broker.mode, settings_.broker.mode, "broker.mode");
  keep(settings.broker.group, settings_.broker.group, "broker.group");
  keep(settings.resolver.workers, settings_.resolver.workers, "resolver.workers");
  if (!may_mark_ && uses_mark(settings)) log_.warning("this change needs a restart", {{"key", "mark"}});
}

void Daemon::Impl::wait_for_signal() {
  signals_.async_wait([this](const boost::system::error_code& error, int signal) {
    if (error) return;
    if (signal == platform::reload_signal()) {
      // Before the first configuration has been applied there is nothing to reload.
      if (ready_) reloader_->request("SIGHUP", {});
      return wait_for_signal();
    }
    log_.info("stopping", {{"signal", fmt::to_string(signal)}});
    stop();
  });
}

void Daemon::Impl::report_log() {
  log_timer_.expires_after(kLogReport);
  log_timer_.async_wait([this](const boost::system::error_code& error) {
    if (error) return;
    log_.report_suppressed();
    report_log();
  });
}

/// In the order in which nothing is called that has gone. Nothing here waits for a name server, a file system, a client
/// or the number of targets.
void Daemon::Impl::stop() {
  if (std::exchange(stopped_, true)) return;
  notify_->stopping();
  if (server_) server_->stop();
  if (watch_) watch_->stop();
  if (watchdog_) watchdog_->stop();
  if (accounting_check_) accounting_check_->stop();
  if (broker_) broker_->stop();
  if (network_) network_->stop();
  if (loop_) loop_->stop();
  if (feed_) feed_->stop();
  if (workers_) workers_->stop();
  service_.stop();
}

exporters::DaemonStatus Daemon::Impl::status() {
  exporters::DaemonStatus status;
  status.snapshot = [this] { return feed_->snapshot(); };
  status.ready = [this] { return ready_; };
  status.reload_status = [this] { return reloader_->status(); };
  status.targets_by_group = [this] { return targets_by_group(); };
  status.accounting_mismatches = [this] { return accounting_check_->mismatches(); };
  status.network = [this] { return network_->numbers(); };
  status.broker = [this] { return broker_numbers(); };
  status.process = [this] { return process_->read(); };
  status.reload = [this](exporters::ReloadDone done) { reloader_->request("HTTP", std::move(done)); };
  status.engine = &loop_->numbers();
  status.version = version();
  return status;
}

exporters::BrokerNumbers Daemon::Impl::broker_numbers() const {
  if (!broker_) return {};
  exporters::BrokerNumbers numbers = broker_limits(settings_.broker.quotas);
  numbers.statistics = broker_->statistics();
  numbers.charged = broker_->most_charged();
  numbers.accept_errors = broker_->numbers().accept_errors;
  numbers.unwatched = broker_->numbers().unwatched;
  return numbers;
}

/// Empty groups are there too, with zero.
std::map<std::string, std::size_t> Daemon::Impl::targets_by_group() const {
  auto counts = feed_->targets_by_group();
  for (const std::string& group : settings_.groups) counts.emplace(group, 0);
  return counts;
}

std::string Daemon::Impl::summary() const {
  return fmt::format("probing {} targets, {:.0f} probes/s{}", settings_.totals.targets,
                     settings_.totals.packets_per_second,
                     reloader_->status().last_successful ? "" : "; the last reload was refused");
}

Daemon::Daemon(DaemonOptions options, const io::Clock& clock, LogSink& log)
    : impl_(std::make_unique<Impl>(std::move(options), clock, log)) {}

Daemon::~Daemon() = default;

base::Result<void> Daemon::open(config::Settings settings) { return impl_->open(std::move(settings)); }

void Daemon::run() { impl_->run(); }

}  // namespace sounder::app
