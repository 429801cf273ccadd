#include "tests/lab/virtual_player.h"

#include <algorithm>
#include <vector>

#include "engine/net/paths.h"
#include "tests/sim/simulation.h"

namespace sounder::lab {

namespace {

using base::Duration;
using namespace std::chrono_literals;

/// Longer than anything is under way: no scenario's probe lives for a virtual hour.
constexpr Duration kHang = 1h;
/// An interval that no run lives to see the end of, or the beginnings of many targets would never be over.
constexpr Duration kNever = 100'000h;

/// Every host is behind a router, if there is a way at all.
class OneWay final : public net::Paths {
 public:
  explicit OneWay(bool open) : open_(open) {}
  [[nodiscard]] net::Path find(const net::PathQuery& query) const override {
    const auto kind = open_ ? net::Path::Kind::kGateway : net::Path::Kind::kNone;
    return {kind, net::InterfaceIndex(2), open_, sim::NetworkModel::router(query.destination.family())};
  }

 private:
  bool open_;
};

class VirtualPlayer {
 public:
  explicit VirtualPlayer(const Scenario& scenario) : scenario_(scenario), simulation_(config(scenario)) {
    simulation_.network().keep(log_);
    for (const auto& group : scenario.groups) {
      auto& targets = targets_.emplace_back();
      for (std::uint32_t i = 0; i < group.count; ++i) {
        targets.push_back(simulation_.add(group.address(i), options(group.probe), group.host));
      }
    }
  }

  Played play() {
    simulation_.follow(open_);
    const base::MonoTime begin = simulation_.timeline().now();
    Duration now = Duration::zero();
    for (const auto& event : scenario_.timeline) {
      run_until(now, event.at);
      happen(event);
    }
    run_until(now, scenario_.duration);
    stopped_ = false;
    settle();
    Played run;
    run.expected = expect(scenario_, log_);
    run.counted = read();
    run.requests = log_.requests.size();
    run.arrivals = log_.arrivals.size();
    run.lasted = simulation_.timeline().now() - begin;
    simulation_.check();
    const auto& violations = simulation_.oracle().violations();
    if (!violations.none()) run.problems.push_back(violations.text());
    return run;
  }

 private:
  static sim::SimulationConfig config(const Scenario& scenario) {
    sim::SimulationConfig config{.seed = scenario.seed};
    config.kernel.filter_identifier = true;
    return config;
  }

  static probe::ProbeOptions options(const Probing& probe) {
    probe::ProbeOptions options;
    options.interval = probe.interval;
    options.timeout = probe.timeout;
    options.size = probe.size;
    options.down_after = probe.down_after;
    options.up_after = probe.up_after;
    options.accept_foreign = probe.accept_foreign;
    return options;
  }

  void run_until(Duration& now, Duration then) {
    if (then > now && stopped_) simulation_.stall(then - now);
    if (then > now && !stopped_) simulation_.run_for(then - now);
    now = std::max(now, then);
  }

  void happen(const Event& event) {
    switch (event.kind) {
      case Event::Kind::kBlackhole:
      case Event::Kind::kRestore:
        for (const auto& group : scenario_.groups) {
          if (group.name != event.group) continue;
          for (std::uint32_t i = 0; i < group.count; ++i) {
            simulation_.network().model().darken(group.address(i), event.kind == Event::Kind::kBlackhole);
          }
        }
        return;
      case Event::Kind::kLinkDown:
      case Event::Kind::kLinkUp:
        simulation_.kernel().link_down = event.kind == Event::Kind::kLinkDown;
        return simulation_.follow(event.kind == Event::Kind::kLinkDown ? cut_ : open_);
      case Event::Kind::kForbid:
        simulation_.kernel().refuse_all = wire::SendFailure::kAccessDenied;
        return simulation_.follow(cut_);
      case Event::Kind::kFilter:
        simulation_.kernel().refuse_all = wire::SendFailure::kNotPermitted;
        return;
      case Event::Kind::kPermit:
        simulation_.kernel().refuse_all.reset();
        return simulation_.follow(open_);
      case Event::Kind::kStop:
      case Event::Kind::kResume:
        stopped_ = event.kind == Event::Kind::kStop;
        return;
      case Event::Kind::kReload:
        return reload(event);
      case Event::Kind::kReplaceAddress:
        other_address_ = !other_address_;
        simulation_.kernel().address_v4 = base::IpAddress::parse(other_address_ ? "192.0.2.2" : "192.0.2.1");
        simulation_.kernel().address_v6 = base::IpAddress::parse(other_address_ ? "2001:db8::2" : "2001:db8::1");
        return;
    }
  }

  /// As the daemon does it: what does not change is not touched.
  void reload(const Event& event) {
    for (std::size_t i = 0; i < targets_.size(); ++i) {
      if (scenario_.groups[i].name == event.group) change_interval(i, event.interval);
    }
  }

  void change_interval(std::size_t group, Duration interval) {
    probe::ProbeOptions changed = options(scenario_.groups[group].probe);
    changed.interval = interval;
    for (const sim::TargetIndex target : targets_[group]) simulation_.update(target, changed);
  }

  /// Probes leave no more; what is under way comes to its end.
  void settle() {
    for (std::size_t group = 0; group < targets_.size(); ++group) change_interval(group, kNever);
    const auto give_up = simulation_.timeline().now() + kHang;
    do {
      simulation_.run_for(100ms);
    } while ((simulation_.network().pending() != 0 || in_flight() != 0) && simulation_.timeline().now() < give_up);
    simulation_.run_for(100ms);
  }

  std::uint64_t in_flight() {
    std::uint64_t sum = 0;
    for (const auto& targets : targets_) {
      for (const sim::TargetIndex target : targets) sum += simulation_.numbers_of(target).in_flight;
    }
    return sum;
  }

  Counted read() {
    Counted counted;
    for (const auto& targets : targets_) {
      Counts& counts = counted.groups.emplace_back();
      double& rtt = counted.rtt_seconds.emplace_back();
      for (const sim::TargetIndex target : targets) {
        const probe::TargetNumbers numbers = simulation_.numbers_of(target);
        add(numbers, counts);
        rtt += numbers.rtt_sum_seconds;
      }
    }
    const probe::EngineNumbers& numbers = simulation_.numbers();
    counted.bad_checksums = numbers.parse_errors[static_cast<std::size_t>(probe::ParseFailure::kBadChecksum)].load();
    for (const auto& by_tx : numbers.rtt_stamps) {
      for (const auto& count : by_tx) counted.user_stamped += count.load();
    }
    counted.user_stamped -= numbers.rtt_stamps[0][0].load();
    for (std::size_t i = 0; i < wire::kSendFailureCount; ++i) counted.send_errors[i] = numbers.send_errors[i].load();
    return counted;
  }

  static void add(const probe::TargetNumbers& numbers, Counts& counts) {
    using probe::OutcomeKind;
    counts.due += numbers.due;
    counts.reply += numbers.outcome(OutcomeKind::kReply);
    counts.timeout += numbers.outcome(OutcomeKind::kTimeout);
    counts.icmp_error += numbers.outcome(OutcomeKind::kIcmpError);
    counts.local_drop += numbers.outcome(OutcomeKind::kLocalDrop);
    counts.send_failed += numbers.outcome(OutcomeKind::kSendFailed);
    counts.slipped += numbers.outcome(OutcomeKind::kSlipped);
    counts.in_flight += numbers.in_flight;
    counts.requests = counts.reply + counts.timeout + counts.icmp_error + counts.local_drop;
    for (std::size_t kind = 0; kind < probe::kStrayKinds; ++kind) counts.strays[kind] += numbers.strays[kind];
    counts.reordered += numbers.reordered;
    counts.up += numbers.state == probe::TargetState::kUp ? 1U : 0U;
  }

  const Scenario& scenario_;
  const OneWay open_{true};
  const OneWay cut_{false};
  bool other_address_ = false;
  bool stopped_ = false;
  sim::PacketLog log_;
  sim::Simulation simulation_;
  std::vector<std::vector<sim::TargetIndex>> targets_;
};

}  // namespace

Played play_virtually(const Scenario& scenario) { return VirtualPlayer(scenario).play(); }

}  // namespace sounder::lab
