#include "app/ping.h"

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <optional>
#include <utility>

#include "app/probing.h"
#include "engine/platform/platform.h"
#include "engine/runtime/probe_loop.h"

namespace sounder::app {
namespace {

/// So that the targets are in place before their first due time, and the first line comes at once all the same.
constexpr base::Duration kLeadTime = std::chrono::milliseconds(5);

/// The longest interval there is: what a host that has had all its requests is left at.
constexpr base::Duration kRest = std::chrono::hours(1);

/// One host with what the engine has of it.
struct PingTarget {
  PingHost host;
  PingStatistics statistics;
  std::shared_ptr<probe::TargetRecord> record;
};

probe::TargetChange change(probe::TargetChange::Kind kind, std::shared_ptr<probe::TargetRecord> record,
                           std::unique_ptr<probe::TargetPlan> plan) {
  probe::TargetChange change;
  change.kind = kind;
  change.record = std::move(record);
  change.plan = std::move(plan);
  return change;
}

}  // namespace

class Ping::Impl final : public runtime::ProbeObserver {
 public:
  Impl(PingOptions options, const io::Clock& clock, base::Logger& log, std::function<void(const std::string&)> print)
      : options_(std::move(options)), clock_(clock), log_(log), print_(std::move(print)) {}

  base::Result<bool> run();

  void on_applied(std::unique_ptr<probe::TargetDelta> delta) override;
  void on_outcome(const probe::Outcome& outcome) override;
  void on_outcomes_lost(std::uint64_t /*count*/) override {}
  void on_echo(const probe::EchoResult& /*result*/) override {}
  void on_stray(const probe::StrayReply& stray) override;
  void on_change(const probe::StateChange& change) override { static_cast<void>(change); }

 private:
  base::Result<void> open();
  void add_targets();
  void settle_first_due();
  void rest_after_last_request(base::MonoTime first_due);
  void record_outcome(PingTarget& target, const probe::Outcome& outcome);
  void end_if_done();
  void stop();
  bool print_summaries();
  [[nodiscard]] PingTarget* find(probe::TargetSlot slot);
  [[nodiscard]] std::unique_ptr<probe::TargetPlan> plan(const PingHost& host, base::Duration interval,
                                                        base::MonoTime first_due) const;

  const PingOptions options_;
  const io::Clock& clock_;
  base::Logger& log_;
  const std::function<void(const std::string&)> print_;
  std::vector<PingTarget> targets_;
  base::MonoTime first_due_{};
  bool late_start_ = false;  ///< first_due_ is not known before the first outcome
  bool any_outcome_ = false;
  bool added_ = false;                 ///< the engine has the targets, and events can be matched to them
  std::vector<probe::Outcome> early_;  ///< came before that

  boost::asio::io_context probe_context_;
  boost::asio::io_context service_;
  std::unique_ptr<io::PacketIo> sockets_;
  std::optional<runtime::ProbeLoop> loop_;
  boost::asio::signal_set signals_{service_};
  boost::asio::steady_timer rest_timer_{service_};
};

base::Result<bool> Ping::Impl::run() {
  if (const auto opened = open(); !opened) return tl::unexpected(opened.error());
  for (const int signal : platform::stop_signals()) signals_.add(signal);
  signals_.async_wait([this](const boost::system::error_code& error, int) {
    if (!error) stop();
  });
  loop_->start(service_, *this);
  add_targets();
  service_.run();
  return print_summaries();
}

base::Result<void> Ping::Impl::open() {
  config::EngineSettings settings;
  auto sockets = open_sockets(settings, probe_context_.get_executor(), clock_, log_);
  if (!sockets) return tl::unexpected(sockets.error());
  sockets_ = std::move(*sockets);
  if (auto dropped = platform::make_privileges()->drop({}); !dropped) return dropped;
  runtime::EventCapacities capacities;
  capacities.outcomes = 4096;
  capacities.strays = 256;
  capacities.changes = 0;
  loop_.emplace(probe_context_, *sockets_, clock_, engine_config(settings, sockets_->traits()), capacities);
  return {};
}

std::unique_ptr<probe::TargetPlan> Ping::Impl::plan(const PingHost& host, base::Duration interval,
                                                    base::MonoTime first_due) const {
  auto probe_options = std::make_shared<probe::ProbeOptions>();
  probe_options->interval = interval;
  probe_options->timeout = options_.timeout;
  probe_options->size = options_.size;
  auto plan = std::make_unique<probe::TargetPlan>();
  plan->address = host.address;
  plan->options = std::move(probe_options);
  plan->phase_hash = static_cast<std::uint64_t>(first_due.time_since_epoch().count());
  return plan;
}

void Ping::Impl::add_targets() {
  first_due_ = clock_.mono_now() + kLeadTime;
  auto delta = std::make_unique<probe::TargetDelta>();
  for (const PingHost& host : options_.hosts) {
    print_(ping_header(host, options_.size));
    auto first = plan(host, options_.interval, first_due_);
    auto record = probe::make_target_record(*first);
    targets_.push_back({.host = host, .statistics = {}, .record = record});
    delta->changes.push_back(change(probe::TargetChange::Kind::kAdd, std::move(record), std::move(first)));
  }
  loop_->submit(std::move(delta));
}

/// The engine probes until told otherwise. Half an interval after the last request, each host is put on the longest
/// interval, which leaves the requests under way as they are; one that leaves before that is never counted.
void Ping::Impl::rest_after_last_request(base::MonoTime first_due) {
  const auto last = first_due + options_.interval * (static_cast<std::int64_t>(options_.count) - 1);
  rest_timer_.expires_after(last + options_.interval / 2 - clock_.mono_now());
  rest_timer_.async_wait([this](const boost::system::error_code& error) {
    if (error) return;
    auto delta = std::make_unique<probe::TargetDelta>();
    const base::MonoTime before = clock_.mono_now() - kLeadTime;
    for (const PingTarget& target : targets_) {
      delta->changes.push_back(
          change(probe::TargetChange::Kind::kUpdate, target.record, plan(target.host, kRest, before)));
    }
    loop_->submit(std::move(delta));
  });
}

void Ping::Impl::on_applied(std::unique_ptr<probe::TargetDelta> delta) {
  static_cast<void>(delta);
  if (std::exchange(added_, true)) return;
  settle_first_due();
  for (const probe::Outcome& outcome : std::exchange(early_, {})) on_outcome(outcome);
}

/// A machine that is so busy that the lead time did not suffice starts an interval or more later: then requests are
/// counted from the earliest that is heard of.
void Ping::Impl::settle_first_due() {
  base::MonoTime latest = first_due_;
  const base::MonoTime now = clock_.mono_now();
  if (now >= first_due_) {
    latest += ((now - first_due_) / options_.interval + 1) * options_.interval;
    late_start_ = true;
  }
  if (options_.count != 0) rest_after_last_request(latest);
}

PingTarget* Ping::Impl::find(probe::TargetSlot slot) {
  for (PingTarget& target : targets_) {
    if (probe::slot_of(*target.record) == slot) return &target;
  }
  return nullptr;
}

void Ping::Impl::on_outcome(const probe::Outcome& outcome) {
  if (!added_) return early_.push_back(outcome);
  if (PingTarget* target = find(outcome.target)) record_outcome(*target, outcome);
}

void Ping::Impl::record_outcome(PingTarget& target, const probe::Outcome& outcome) {
  if (late_start_ && !std::exchange(any_outcome_, true)) first_due_ = outcome.due;
  first_due_ = std::min(first_due_, outcome.due);
  const auto number = static_cast<std::uint64_t>((outcome.due - first_due_) / options_.interval) + 1;
  if (options_.count != 0 && number > options_.count) return;
  target.statistics.add(outcome);
  if (const std::string line = ping_line(target.host, number, outcome); !line.empty()) print_(line);
  end_if_done();
}

void Ping::Impl::on_stray(const probe::StrayReply& stray) {
  if (!added_ || !stray.target || stray.kind != probe::StrayKind::kDuplicate) return;
  if (PingTarget* target = find(*stray.target)) target->statistics.add_duplicate();
}

void Ping::Impl::end_if_done() {
  if (options_.count == 0) return;
  for (const PingTarget& target : targets_) {
    if (target.statistics.outcomes() < options_.count) return;
  }
  stop();
}

void Ping::Impl::stop() {
  signals_.cancel();
  rest_timer_.cancel();
  loop_->stop();
  service_.stop();
}

bool Ping::Impl::print_summaries() {
  bool all_answered = true;
  for (const PingTarget& target : targets_) {
    print_("");
    std::string summary = ping_summary(target.host, target.statistics, clock_.mono_now() - first_due_);
    summary.pop_back();
    print_(summary);
    const PingStatistics& statistics = target.statistics;
    all_answered = all_answered && statistics.received() == statistics.outcomes() && statistics.received() != 0;
  }
  return all_answered;
}

Ping::Ping(PingOptions options, const io::Clock& clock, base::Logger& log,
           std::function<void(const std::string&)> print)
    : impl_(std::make_unique<Impl>(std::move(options), clock, log, std::move(print))) {}

Ping::~Ping() = default;

base::Result<bool> Ping::run() { return impl_->run(); }

}  // namespace sounder::app
