#include "tests/lab/real_player.h"

#include <fmt/format.h>
#include <signal.h>

#include <array>
#include <cmath>
#include <map>
#include <string_view>
#include <thread>
#include <utility>

#include "tests/lab/tun_network.h"
#include "tests/support/daemon.h"
#include "tests/support/netns.h"

namespace sounder::lab {

namespace {

using std::chrono::steady_clock;
using testing::Daemon;
using testing::Exposition;
using testing::LabelSet;

/// A pause in which what was written to the device comes to the daemon, which reads it within a cycle; and how long
/// what is under way at the end may take to end: far more than any packet does, it only finds hangs.
constexpr std::chrono::milliseconds kPause{50};
constexpr std::chrono::seconds kHang{90};
/// The longest pause between two scrapes of a run; that many targets make it a second.
constexpr std::chrono::milliseconds kScrapePause{300};
constexpr std::size_t kManyTargets = 1000;

/// All that is compared. Most lines of a scrape are not, and there may be a million of them.
constexpr std::array kFamilies{"sounder_probes_due_total",
                               "sounder_probes_total",
                               "sounder_probes_in_flight",
                               "sounder_stray_replies_total",
                               "sounder_reordered_replies_total",
                               "sounder_target_up",
                               "sounder_rtt_seconds_sum",
                               "sounder_rtt_stamps_total",
                               "sounder_parse_errors_total",
                               "sounder_send_errors_total",
                               "sounder_accounting_mismatches_total"};

template <class Names>
Exposition scrape(Daemon& daemon, const Names& names) {
  const std::string text = daemon.get("/metrics").body;
  std::string kept;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    const std::string_view line(text.data() + begin, end - begin);
    const std::string_view name = line.substr(0, line.find_first_of("{ "));
    if (std::find(std::begin(names), std::end(names), name) != std::end(names)) kept.append(line).push_back('\n');
    begin = end + 1;
  }
  return Exposition::parse(kept);
}

std::uint64_t sum(const Exposition& scrape, const char* metric, const LabelSet& labels) {
  return static_cast<std::uint64_t>(std::llround(scrape.sum(metric, labels)));
}

std::string milliseconds(base::Duration duration) {
  return fmt::format("{}ms", std::chrono::duration_cast<std::chrono::milliseconds>(duration).count());
}

/// What the daemon is told: the groups as they are, with intervals of their own.
std::string configuration(const Scenario& scenario, const std::vector<base::Duration>& intervals) {
  std::string yaml = "groups:\n";
  for (std::size_t i = 0; i < scenario.groups.size(); ++i) {
    const HostGroup& group = scenario.groups[i];
    const Probing& probe = group.probe;
    yaml += fmt::format(
        "  - {{name: {}, interval: {}, timeout: {}, size: {}, down_after: {}, up_after: {}, accept_foreign: {}, "
        "targets: [\"{}-{}\"]}}\n",
        group.name, milliseconds(intervals[i]), milliseconds(probe.timeout), probe.size, probe.down_after,
        probe.up_after, probe.accept_foreign, group.first.to_string(), group.address(group.count - 1).to_string());
  }
  return yaml;
}

Counts read_group(const Exposition& scrape, const std::string& group) {
  const auto outcome = [&](const char* kind) {
    return sum(scrape, "sounder_probes_total", {{"group", group}, {"outcome", kind}});
  };
  Counts counts;
  counts.due = sum(scrape, "sounder_probes_due_total", {{"group", group}});
  counts.in_flight = sum(scrape, "sounder_probes_in_flight", {{"group", group}});
  counts.reply = outcome("reply");
  counts.timeout = outcome("timeout");
  counts.icmp_error = outcome("icmp_error");
  counts.local_drop = outcome("local_drop");
  counts.send_failed = outcome("send_failed");
  counts.slipped = outcome("slipped");
  counts.requests = counts.reply + counts.timeout + counts.icmp_error + counts.local_drop;
  for (std::size_t kind = 0; kind < probe::kStrayKinds; ++kind) {
    const char* name = probe::to_string(static_cast<probe::StrayKind>(kind));
    counts.strays[kind] = sum(scrape, "sounder_stray_replies_total", {{"group", group}, {"kind", name}});
  }
  counts.reordered = sum(scrape, "sounder_reordered_replies_total", {{"group", group}});
  for (const auto& sample : scrape.select("sounder_target_up", {{"group", group}})) {
    counts.up += sample.value == 1 ? 1U : 0U;
  }
  return counts;
}

Counted counted(const Scenario& scenario, const Exposition& scrape) {
  Counted counted;
  for (const auto& group : scenario.groups) {
    counted.groups.push_back(read_group(scrape, group.name));
    counted.rtt_seconds.push_back(scrape.sum("sounder_rtt_seconds_sum", {{"group", group.name}}));
  }
  counted.bad_checksums = sum(scrape, "sounder_parse_errors_total", {{"reason", "bad_checksum"}});
  counted.user_stamped = sum(scrape, "sounder_rtt_stamps_total", {}) -
                         sum(scrape, "sounder_rtt_stamps_total", {{"tx", "kernel"}, {"rx", "kernel"}});
  for (std::size_t i = 0; i < wire::kSendFailureCount; ++i) {
    const char* reason = wire::to_string(static_cast<wire::SendFailure>(i));
    counted.send_errors[i] = sum(scrape, "sounder_send_errors_total", {{"reason", reason}});
  }
  return counted;
}

class RealPlayer {
 public:
  explicit RealPlayer(const Scenario& scenario) : scenario_(scenario), inside_(where_), network_(scenario, where_) {
    for (const auto& group : scenario.groups) {
      intervals_.push_back(group.probe.interval);
      targets_ += group.count;
    }
  }

  Played play() {
    network_.start();
    daemon_.emplace(configuration(scenario_, intervals_));
    network_.begin();
    const auto begin = steady_clock::now();
    for (const Event& event : scenario_.timeline) {
      run_until(begin + event.at);
      happen(event);
    }
    run_until(begin + scenario_.duration);
    stop(false);
    intervals_.assign(intervals_.size(), std::chrono::hours(1));
    reload();
    settle();
    run_.expected = expect(scenario_, network_.log());
    for (const auto& why : network_.void_for()) run_.expected.void_for.push_back(why);
    if (late_request_) run_.expected.void_for.push_back("a probe left after the last look at the daemon");
    run_.requests = network_.log().requests.size();
    run_.arrivals = network_.log().arrivals.size();
    run_.lasted = steady_clock::now() - begin;
    if (daemon_->stop() != 0) problem("the daemon did not end well:\n" + daemon_->process().output());
    return std::move(run_);
  }

 private:
  void problem(std::string what) { run_.problems.push_back(std::move(what)); }

  /// Scrapes all the while: what must hold at any moment is looked at at some.
  void run_until(steady_clock::time_point then) {
    if (stopped_) {
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(then - steady_clock::now());
      return daemon_->run_for(std::max(left, std::chrono::milliseconds(0)));
    }
    const auto pause = targets_ < kManyTargets ? kScrapePause : std::chrono::milliseconds(1000);
    for (auto now = steady_clock::now(); now < then; now = steady_clock::now()) {
      daemon_->run_for(std::min(
          pause, std::chrono::duration_cast<std::chrono::milliseconds>(then - now) + std::chrono::milliseconds(1)));
      if (steady_clock::now() < then) check_books(scrape(*daemon_, kFamilies));
    }
  }

  /// Of each target: due = the sum of its outcomes + in flight (design, invariants).
  void check_books(const Exposition& scrape) {
    std::map<std::string, double> open;
    for (const auto& sample : scrape.select("sounder_probes_due_total")) open[key(sample)] += sample.value;
    for (const auto& sample : scrape.select("sounder_probes_total")) open[key(sample)] -= sample.value;
    for (const auto& sample : scrape.select("sounder_probes_in_flight")) open[key(sample)] -= sample.value;
    for (const auto& [target, left] : open) {
      if (left != 0) problem(fmt::format("{} of {}'s due times are in no place of a scrape", left, target));
    }
    if (scrape.sum("sounder_accounting_mismatches_total") != 0) problem("the daemon says that its own books are wrong");
  }

  static std::string key(const testing::Sample& sample) { return sample.labels.at("address"); }

  /// The rest happens in the network.
  void happen(const Event& event) {
    switch (event.kind) {
      case Event::Kind::kForbid:
        forbidden_ = true;
        return forbid("add");
      case Event::Kind::kFilter:
        filtered_ = true;
        return where_.feed("nft -f -",
                           fmt::format("add table inet lab\n"
                                       "add chain inet lab output {{ type filter hook output priority 0; }}\n"
                                       "add rule inet lab output oifname {} drop\n",
                                       TunNetwork::kDevice));
      case Event::Kind::kPermit:
        if (std::exchange(forbidden_, false)) forbid("del");
        if (std::exchange(filtered_, false)) where_.feed("nft -f -", "delete table inet lab\n");
        return;
      case Event::Kind::kStop:
      case Event::Kind::kResume:
        return stop(event.kind == Event::Kind::kStop);
      case Event::Kind::kReload:
        return reload(event);
      case Event::Kind::kBlackhole:
      case Event::Kind::kRestore:
      case Event::Kind::kLinkDown:
      case Event::Kind::kLinkUp:
      case Event::Kind::kReplaceAddress:
        return;
    }
  }

  void stop(bool stopped) {
    if (std::exchange(stopped_, stopped) != stopped) daemon_->process().signal(stopped ? SIGSTOP : SIGCONT);
  }

  /// Better routes than those into the device.
  void forbid(const char* verb) {
    where_.feed("ip -batch -", fmt::format("route {0} prohibit 0.0.0.0/1\nroute {0} prohibit 128.0.0.0/1\n"
                                           "route {0} prohibit ::/1\nroute {0} prohibit 8000::/1\n",
                                           verb));
  }

  void reload(const Event& event) {
    for (std::size_t i = 0; i < scenario_.groups.size(); ++i) {
      if (scenario_.groups[i].name == event.group) intervals_[i] = event.interval;
    }
    reload();
  }

  void reload() {
    daemon_->rewrite_config(configuration(scenario_, intervals_));
    const auto answer = daemon_->post("/-/reload");
    if (answer.status != 200) problem("the daemon refused its configuration: " + answer.body);
  }

  /// Waits until nothing is under way: no packet on its way back for a while, no probe in flight, and no new request
  /// either. Targets that are probed once an hour are so many that one may still leave; it is in flight then.
  void settle() {
    const auto give_up = steady_clock::now() + kHang;
    while (steady_clock::now() < give_up) {
      const std::uint64_t requests = network_.requests();
      const bool idle = network_.idle();
      daemon_->run_for(kPause);
      constexpr std::array kOne{"sounder_probes_in_flight"};
      if (!idle || scrape(*daemon_, kOne).sum(kOne[0]) != 0 || network_.requests() != requests) continue;
      network_.stop();
      late_request_ = network_.requests() != requests;
      const Exposition last = scrape(*daemon_, kFamilies);
      check_books(last);
      run_.counted = counted(scenario_, last);
      return;
    }
    throw std::runtime_error("it never came to rest; the daemon's log:\n" + daemon_->process().output());
  }

  const Scenario& scenario_;
  const testing::NetworkNamespace where_{"lab"};
  const testing::InNamespace inside_;
  TunNetwork network_;
  std::optional<Daemon> daemon_;
  std::vector<base::Duration> intervals_;
  std::size_t targets_ = 0;
  bool forbidden_ = false;
  bool filtered_ = false;
  bool stopped_ = false;
  bool late_request_ = false;
  Played run_;
};

}  // namespace

Played play_really(const Scenario& scenario) { return RealPlayer(scenario).play(); }

}  // namespace sounder::lab
