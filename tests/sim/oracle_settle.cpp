/// The oracle's judgement of outcomes; that of packets is in oracle.cpp, of published numbers in oracle_numbers.cpp.
#include <algorithm>
#include <cstdlib>

#include "engine/base/limits.h"
#include "tests/sim/oracle.h"

namespace sounder::sim {

namespace {

using base::Duration;
using base::MonoTime;
using probe::Outcome;
using probe::OutcomeKind;
using probe::StampSource;

}  // namespace

void Oracle::settle_all(const probe::Actions& actions) {
  ++calls_;
  // What an overflow excuses is taken first, since nothing says what of outcomes and results came before what.
  const auto dropped = [](const probe::EchoResult& result) { return result.kind == OutcomeKind::kLocalDrop; };
  for (const probe::EchoResult& result : actions.echoes) {
    if (dropped(result)) settle_echo(result);
  }
  for (const Outcome& outcome : actions.outcomes) settle(outcome);
  for (const probe::StrayReply& stray : actions.strays) {
    ++tally_.strays[static_cast<std::size_t>(stray.kind)];
    if (!stray.target.has_value()) continue;
    const auto index = ledger_.at_slot(*stray.target);
    if (index.has_value()) ++ledger_.target(*index).strays[static_cast<std::size_t>(stray.kind)];
  }
  for (const probe::StateChange& change : actions.changes) settle_change(change);
  for (const probe::EchoResult& result : actions.echoes) {
    if (!dropped(result)) settle_echo(result);
  }
  tally_.changes += actions.changes.size();
}

/// A state is reached by a row of its kind, and the row began after the state before.
void Oracle::settle_change(const probe::StateChange& change) {
  const auto index = ledger_.at_slot(change.target);
  if (!index.has_value()) return violations_.add(now(), "a change of no target's state");
  TargetEntry& target = ledger_.target(*index);
  const auto complain = [&](const char* what) { violations_.add(now(), "target {}: {}", *index, what); };
  if (change.state == target.state) complain("a change to the state that it has");
  if (change.state == probe::TargetState::kUp && target.since_change.replies < target.options->up_after) {
    complain("up without the replies for it");
  }
  if (change.state == probe::TargetState::kDown && target.since_change.losses < target.options->down_after) {
    complain("down without the losses for it");
  }
  target.state = change.state;
  target.since_change = target.last_call == calls_ ? target.in_call : TargetEntry::Run{};
}

void Oracle::settle(const Outcome& outcome) {
  hash_.add(outcome);
  tally_.outcomes[index_of(outcome.kind)] += outcome.count;
  const auto index = ledger_.at_slot(outcome.target);
  if (!index.has_value()) return violations_.add(now(), "an outcome of no target");
  TargetEntry& target = ledger_.target(*index);
  touched_.push_back(*index);
  check_shape(outcome);
  target.outcomes[index_of(outcome.kind)] += outcome.count;
  if (target.last_call != calls_) target.in_call = {};
  target.last_call = calls_;
  for (TargetEntry::Run* run : {&target.since_change, &target.in_call}) {
    (outcome.kind == OutcomeKind::kReply ? run->replies : run->losses) += outcome.count;
  }
  if (outcome.kind == OutcomeKind::kSlipped) return pass_due(target, outcome.due, outcome.count);

  if (outcome.kind == OutcomeKind::kSendFailed && settle_unsent(*index, outcome)) return;
  const auto serial = ledger_.find(*index, static_cast<std::uint32_t>(outcome.sequence.value()));
  if (!serial.has_value()) {
    return violations_.add(now(), "target {}: outcome {} of a probe that was never sent", target.address.to_string(),
                           probe::to_string(outcome.kind));
  }
  ProbeEntry& probe = ledger_.probe(*serial);
  if (probe.ended) {
    return violations_.add(now(), "target {} sequence {}: outcome {} after {}", target.address.to_string(),
                           probe.sequence, probe::to_string(outcome.kind), probe::to_string(probe.outcome));
  }
  end(probe, target, outcome.kind);
  if (outcome.due != probe.due || outcome.sequence.value() != probe.sequence) {
    violations_.add(now(), "target {} sequence {}: an outcome of another due time", *index, probe.sequence);
  }
  settle_ended(probe, *serial, outcome);
}

void Oracle::end(ProbeEntry& probe, TargetEntry& target, OutcomeKind kind) {
  probe.ended = true;
  probe.ended_at = now();
  probe.outcome = kind;
  --target.in_flight;
  --in_flight_;
}

void Oracle::settle_ended(ProbeEntry& probe, Serial serial, const Outcome& outcome) {
  TargetEntry& target = ledger_.target(probe.target);
  switch (outcome.kind) {
    case OutcomeKind::kReply:
      return settle_reply(probe, target, outcome);
    case OutcomeKind::kIcmpError:
      return settle_error(probe, target, outcome);
    default:
      return settle_expiry(probe, serial, outcome);
  }
}

/// A due time for whose probe the engine had no memory: more of the target's were out than its timeout allows for,
/// since nothing expires while packets are unread.
bool Oracle::settle_unsent(TargetIndex index, const Outcome& outcome) {
  const auto sequence = static_cast<std::uint32_t>(outcome.sequence.value());
  if (outcome.send_failure != wire::SendFailure::kNoBuffer || ledger_.find(index, sequence).has_value()) return false;
  ++tally_.unsent;
  ++refusals_[static_cast<std::size_t>(wire::SendFailure::kNoBuffer)];
  TargetEntry& target = ledger_.target(index);
  pass_due(target, outcome.due, 1);
  // The engine promises as many places as the target's own timeout and interval ask for; but it does not look for a
  // free one for ever.
  const auto promised = static_cast<std::uint64_t>(target.options->timeout / target.options->interval);
  if (target.in_flight < std::min<std::uint64_t>(promised, base::kMostPassedOver)) {
    violations_.add(now(), "target {}: no place for a probe, with {} in flight", index, target.in_flight);
  }
  check_number(index, sequence);
  if (!ledger_.skip(index, sequence)) violations_.add(now(), "a failed send of a number that does not follow");
  return true;
}

/// `count` due times that the target's next ones must be: none is left out, and none counted twice.
void Oracle::pass_due(TargetEntry& target, MonoTime due, std::uint64_t count) {
  if (due != target.next_due) {
    violations_.add(now(), "target {}: due times from {} ns on, where {} ns comes next", target.address.to_string(),
                    due.time_since_epoch().count(), target.next_due.time_since_epoch().count());
  }
  const MonoTime last = due + static_cast<std::int64_t>(count - 1) * target.options->interval;
  if (last > now()) violations_.add(now(), "target {}: due times that have not come", target.address.to_string());
  target.next_due = last + target.options->interval;
}

/// What belongs to one kind of outcome is of no other.
void Oracle::check_shape(const Outcome& outcome) {
  const bool reply = outcome.kind == OutcomeKind::kReply;
  const bool empty = outcome.rtt == probe::RoundTrip{} && !outcome.ttl.has_value() && outcome.data_size == 0;
  const bool counts_one = outcome.count == 1 || (outcome.kind == OutcomeKind::kSlipped && outcome.count > 1);
  const bool failed = outcome.send_failure != wire::SendFailure::kNone;
  if (!counts_one || (!reply && !empty) || failed != (outcome.kind == OutcomeKind::kSendFailed) ||
      outcome.icmp_error.has_value() != (outcome.kind == OutcomeKind::kIcmpError)) {
    violations_.add(now(), "an outcome {} with what belongs to another", probe::to_string(outcome.kind));
  }
}

void Oracle::settle_error(const ProbeEntry& probe, TargetEntry& target, const Outcome& outcome) {
  if (!outcome.icmp_error.has_value()) return;  // said already
  const probe::IcmpErrorInfo& error = *outcome.icmp_error;
  ++target.icmp_errors[{error.type, error.code}];
  if (probe.error_type == 0 || error.type != probe.error_type || error.code != probe.error_code ||
      error.reporter != probe.reporter || error.family != target.address.family()) {
    violations_.add(now(), "an ICMP error that nobody sent");
  }
}

/// The kernel's word where both stamps were there, and nothing put the clock in doubt; else the bracket.
void Oracle::check_pedigree(const ProbeEntry& probe, const probe::RoundTrip& rtt) {
  const bool both = probe.tx_stamped && probe.rx_stamped;
  const bool kernel = rtt.tx == StampSource::kKernel && rtt.rx == StampSource::kKernel;
  const bool user = rtt.tx == StampSource::kUser && rtt.rx == StampSource::kUser;
  if (!kernel && !user) violations_.add(now(), "a round-trip time without a pedigree");
  if (kernel && !both) violations_.add(now(), "a round-trip time of stamps that never came");
  if (user && both && timeline_.clock().undisturbed_since(probe.calm)) {
    violations_.add(now(), "sequence {}: two good stamps were not used", probe.sequence);
  }
}

void Oracle::check_rtt(const ProbeEntry& probe, const probe::RoundTrip& rtt) {
  // Slewing moves the stamps' clock by 500 ppm at most; 10 ns are rounding.
  const Duration slack = probe.path / 1000 + Duration(10);
  const bool kernel = rtt.tx == StampSource::kKernel && rtt.rx == StampSource::kKernel;
  tally_.kernel_rtts += kernel ? 1U : 0U;
  const Duration most = kernel ? probe.path : probe.bracket;
  if (rtt.time >= probe.path - slack && rtt.time <= most + slack) return;
  ++tally_.wrong_rtts;
  if (tolerate_wrong_rtts_) return;
  violations_.add(now(), "sequence {}: RTT {} ns ({}) of a path of {} ns and a bracket of {} ns", probe.sequence,
                  rtt.time.count(), kernel ? "kernel" : "user", probe.path.count(), probe.bracket.count());
}

void Oracle::settle_reply(ProbeEntry& probe, TargetEntry& target, const Outcome& outcome) {
  if (!probe.answered) {
    return violations_.add(now(), "target {} sequence {}: success without a good reply", target.address.to_string(),
                           probe.sequence);
  }
  check_rtt(probe, outcome.rtt);
  check_pedigree(probe, outcome.rtt);
  target.round_trips.add(outcome.rtt.time, target.options->buckets);
  if (outcome.ttl.has_value()) target.reply_ttl = outcome.ttl;
  if (outcome.ttl != probe.reply_ttl) violations_.add(now(), "a reply of another TTL");
  if (outcome.data_size != probe.reply_size) violations_.add(now(), "a reply of another size");
}

/// Timeout, local drop, or a send that failed.
void Oracle::settle_expiry(ProbeEntry& probe, Serial serial, const Outcome& outcome) {
  const auto complain = [&](const char* what) {
    violations_.add(now(), "target {} sequence {}: {} {}", ledger_.target(probe.target).address.to_string(),
                    probe.sequence, probe::to_string(outcome.kind), what);
  };
  if (probe.refused.has_value()) {
    if (outcome.kind != OutcomeKind::kSendFailed || outcome.send_failure != *probe.refused)
      complain("of a refused send");
    return;
  }
  if (probe.answered || probe.errored) return complain("although it was answered");
  if (probe.no_neighbour) {
    if (outcome.kind != OutcomeKind::kTimeout) complain("for want of a neighbour");
    return;
  }
  if (horizon_ < std::min(probe.asked, probe.opened) + probe.timeout) complain("too early");
  if (outcome.kind == OutcomeKind::kSendFailed) {
    ++refusals_[static_cast<std::size_t>(wire::SendFailure::kNotSent)];
    if (probe.left || outcome.send_failure != wire::SendFailure::kNotSent) complain("of a probe that left");
    if (paths_ == nullptr) complain("although nothing is known of the way");
    return;
  }
  if (paths_ != nullptr && !probe.left) {
    const auto path = paths_->find({ledger_.target(probe.target).address, {}, 0});
    if (path.kind != net::Path::Kind::kOnLink) complain("although it never left");
    return;
  }
  const bool dropped = outcome.kind == OutcomeKind::kLocalDrop;
  const bool excused = excuse(serial, dropped);
  if (dropped && !excused) complain("beyond what overflowed");
  if (!dropped && excused && excuses_are_exact()) complain("although an overflow excuses it");
}

/// The earliest overflow that the probe was in flight for.
bool Oracle::excuse(Serial serial, bool take) {
  for (Overflow& overflow : overflows_) {
    if (overflow.left == 0 || serial >= overflow.before) continue;
    if (take) --overflow.left;
    return true;
  }
  return false;
}

/// The engine remembers so many overflows that are not used up, and may take more of them together.
bool Oracle::excuses_are_exact() const { return overflows_.size() < 64; }

}  // namespace sounder::sim
