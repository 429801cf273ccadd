#include "tests/lab/expected.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

namespace sounder::lab {

namespace {

using base::Duration;
using base::MonoTime;
using probe::StrayKind;
using sim::Answer;
using sim::Essence;
using sim::PacketLog;

/// A reply this near to its deadline is neither surely in time nor surely late: the log knows when a packet passed the
/// device, the daemon when it was about to send it.
constexpr Duration kMargin = std::chrono::milliseconds(50);

double seconds(Duration duration) { return std::chrono::duration<double>(duration).count(); }

/// The end of a probe, for the state of its target.
struct End {
  MonoTime at{};
  std::uint64_t number = 0;  ///< of the probe within its target
  bool reply = false;
  bool by_timeout = false;
};

struct TargetLog {
  std::size_t group = 0;
  std::uint64_t requests = 0;
  std::uint64_t replied_below = 0;
  std::vector<End> ends;
};

struct ProbeLog {
  std::uint32_t target = 0;
  std::uint64_t number = 0;
  bool known = false;
  bool answered = false;
  bool errored = false;
};

class Accountant {
 public:
  Accountant(const Scenario& scenario, const PacketLog& log) : scenario_(scenario), log_(log) {
    expected_.groups.resize(scenario.groups.size());
    expected_.rtt.resize(scenario.groups.size());
    expected_.up_known.assign(scenario.groups.size(), true);
    expect_failure(Event::Kind::kLinkDown, wire::SendFailure::kNoRoute);
    expected_.may_be_unsent = scenario.has(Event::Kind::kLinkDown);
    expect_failure(Event::Kind::kForbid, wire::SendFailure::kAccessDenied);
    expect_failure(Event::Kind::kFilter, wire::SendFailure::kNotPermitted);
    for (std::size_t group = 0; group < scenario.groups.size(); ++group) {
      for (std::uint32_t i = 0; i < scenario.groups[group].count; ++i) {
        targets_by_address_[scenario.groups[group].address(i)] = static_cast<std::uint32_t>(targets_.size());
        targets_.push_back({group, 0, 0, {}});
      }
    }
  }

  Expected account() {
    for (const auto& request : log_.requests) enter(request);
    for (const auto& arrival : log_.arrivals) {
      if (arrival.delivered && probes_[arrival.request].known) judge(arrival);
    }
    for (std::size_t i = 0; i < probes_.size(); ++i) finish(i);
    for (auto& target : targets_) judge_state(target);
    if (unknown_ != 0) void_for("{} requests to addresses that no group has", unknown_);
    if (unclear_ != 0) void_for("{} packets arrived so near to a deadline that nobody can say on which side", unclear_);
    return std::move(expected_);
  }

 private:
  template <class... Args>
  void void_for(fmt::format_string<Args...> format, Args&&... args) {
    expected_.void_for.push_back(fmt::format(format, std::forward<Args>(args)...));
  }

  void expect_failure(Event::Kind cause, wire::SendFailure failure) {
    if (scenario_.has(cause)) expected_.failures[static_cast<std::size_t>(failure)] = true;
  }

  void enter(const PacketLog::Request& request) {
    ProbeLog& probe = probes_.emplace_back();
    const auto found = targets_by_address_.find(request.destination);
    if (found == targets_by_address_.end()) {
      ++unknown_;
      return;
    }
    probe.known = true;
    probe.target = found->second;
    probe.number = targets_[probe.target].requests++;
    ++expected_.groups[targets_[probe.target].group].requests;
  }

  void judge(const PacketLog::Arrival& arrival) {
    ProbeLog& probe = probes_[arrival.request];
    TargetLog& target = targets_[probe.target];
    Counts& counts = expected_.groups[target.group];
    switch (arrival.essence) {
      case Essence::kReply:
        return reply(arrival, probe, target, counts);
      case Essence::kForeign:
        if (scenario_.groups[target.group].probe.accept_foreign) return reply(arrival, probe, target, counts);
        return stray(counts, StrayKind::kForeign);
      case Essence::kCorrupt:
        // The kernel hands no socket what carries another's identifier.
        if (arrival.answer != Answer::kCorruptIdentifier) stray(counts, StrayKind::kCorrupt);
        return;
      case Essence::kBadChecksum:
        ++expected_.bad_checksums;
        return;
      case Essence::kRouterError:
        if (probe.answered || probe.errored || !in_time(arrival, target)) return;
        probe.errored = true;
        ++counts.icmp_error;
        return target.ends.push_back({arrival.after, probe.number, false, false});
      case Essence::kOwnError:
      case Essence::kForgedError:
        return;
    }
  }

  void reply(const PacketLog::Arrival& arrival, ProbeLog& probe, TargetLog& target, Counts& counts) {
    if (probe.answered) return stray(counts, StrayKind::kDuplicate);
    if (probe.errored || !in_time(arrival, target)) return stray(counts, StrayKind::kLate);
    probe.answered = true;
    ++counts.reply;
    // RFC 4737 §3.3: a later one's reply was here before.
    if (probe.number < target.replied_below) ++counts.reordered;
    target.replied_below = std::max(target.replied_below, probe.number + 1);
    target.ends.push_back({arrival.after, probe.number, true, false});
    const auto& request = log_.requests[arrival.request];
    expected_.rtt[target.group].low_seconds += seconds(arrival.before - request.read);
    expected_.rtt[target.group].high_seconds += seconds(arrival.after - request.earliest);
  }

  static void stray(Counts& counts, StrayKind kind) { ++counts.strays[static_cast<std::size_t>(kind)]; }

  bool in_time(const PacketLog::Arrival& arrival, const TargetLog& target) {
    const auto& request = log_.requests[arrival.request];
    const Duration timeout = scenario_.groups[target.group].probe.timeout;
    if (arrival.after < request.earliest + timeout - kMargin) return true;
    if (arrival.before <= request.read + timeout + kMargin) ++unclear_;
    return false;
  }

  void finish(std::size_t index) {
    const ProbeLog& probe = probes_[index];
    if (!probe.known || probe.answered || probe.errored) return;
    TargetLog& target = targets_[probe.target];
    ++expected_.groups[target.group].timeout;
    const Duration timeout = scenario_.groups[target.group].probe.timeout;
    target.ends.push_back({log_.requests[index].read + timeout, probe.number, false, true});
  }

  /// A timeout is noticed a little after it happened, and replies may come between.
  void judge_state(TargetLog& target) {
    const bool up = replay(target, Duration::zero());
    if (up) ++expected_.groups[target.group].up;
    if (up != replay(target, 2 * kMargin)) expected_.up_known[target.group] = false;
  }

  /// Whether the target is up after all its outcomes. What was overtaken says nothing: neither a loss of a probe after
  /// which a later one was replied to, nor a reply to a probe after which a later one was lost.
  bool replay(TargetLog& target, Duration notice) const {
    const Probing& probing = scenario_.groups[target.group].probe;
    auto& ends = target.ends;
    for (auto& end : ends) end.at += end.by_timeout ? notice : Duration::zero();
    std::stable_sort(ends.begin(), ends.end(), [](const End& a, const End& b) { return a.at < b.at; });
    bool up = false;
    std::uint64_t losses = 0;
    std::uint64_t replies = 0;
    std::uint64_t replied_below = 0;
    std::uint64_t lost_below = 0;
    for (const End& end : ends) {
      if (end.reply) {
        replied_below = std::max(replied_below, end.number + 1);
        if (end.number < lost_below) continue;
        losses = 0;
        up = up || ++replies >= probing.up_after;
      } else if (end.number >= replied_below) {
        lost_below = std::max(lost_below, end.number + 1);
        replies = 0;
        up = up && ++losses < probing.down_after;
        if (!up) losses = probing.down_after;
      }
    }
    for (auto& end : ends) end.at -= end.by_timeout ? notice : Duration::zero();
    return up;
  }

  const Scenario& scenario_;
  const PacketLog& log_;
  Expected expected_;
  std::unordered_map<base::IpAddress, std::uint32_t> targets_by_address_;
  std::vector<TargetLog> targets_;
  std::vector<ProbeLog> probes_;
  std::uint64_t unknown_ = 0;
  std::uint64_t unclear_ = 0;
};

}  // namespace

Expected expect(const Scenario& scenario, const PacketLog& log) { return Accountant(scenario, log).account(); }

}  // namespace sounder::lab
