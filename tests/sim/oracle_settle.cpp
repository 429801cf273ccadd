/// The oracle's judgement of outcomes and of published numbers; that of packets is in oracle.cpp.
#include <algorithm>
#include <cstdlib>

#include "tests/sim/oracle.h"

namespace sounder::sim {

namespace {

using base::Duration;
using base::MonoTime;
using probe::Outcome;
using probe::OutcomeKind;
using probe::StampSource;

std::size_t index_of(OutcomeKind kind) { return static_cast<std::size_t>(kind); }

}  // namespace

void Oracle::settle_all(const probe::Actions& actions) {
  for (const Outcome& outcome : actions.outcomes) settle(outcome);
  for (const probe::StrayReply& stray : actions.strays) {
    ++tally_.strays[static_cast<std::size_t>(stray.kind)];
    if (!stray.target.has_value()) continue;
    const auto index = ledger_.at_slot(*stray.target);
    if (index.has_value()) ++ledger_.target(*index).strays[static_cast<std::size_t>(stray.kind)];
  }
  tally_.changes += actions.changes.size();
}

void Oracle::settle(const Outcome& outcome) {
  hash_.add(outcome);
  tally_.outcomes[index_of(outcome.kind)] += outcome.count;
  const auto index = ledger_.at_slot(outcome.target);
  if (!index.has_value()) return violations_.add(now(), "an outcome of no target");
  TargetEntry& target = ledger_.target(*index);
  target.outcomes[index_of(outcome.kind)] += outcome.count;
  if (outcome.kind == OutcomeKind::kSlipped) return settle_slip(target, outcome);

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
  probe.ended = true;
  probe.ended_at = now();
  probe.outcome = outcome.kind;
  --target.in_flight;
  check_due(probe, target, outcome);
  switch (outcome.kind) {
    case OutcomeKind::kReply:
      return settle_reply(probe, target, outcome);
    case OutcomeKind::kIcmpError:
      ++target.icmp_errors;
      if (probe.error_type == 0 || !outcome.icmp_error.has_value() || outcome.icmp_error->type != probe.error_type ||
          outcome.icmp_error->code != probe.error_code) {
        violations_.add(now(), "an ICMP error that nobody sent");
      }
      return;
    default:
      return settle_expiry(probe, *serial, outcome);
  }
}

/// A due time for whose probe the engine had no memory: more of the target's were out than its timeout allows for,
/// since nothing expires while packets are unread.
bool Oracle::settle_unsent(TargetIndex index, const Outcome& outcome) {
  const auto sequence = static_cast<std::uint32_t>(outcome.sequence.value());
  if (outcome.send_failure != wire::SendFailure::kNoBuffer || ledger_.find(index, sequence).has_value()) return false;
  ++tally_.unsent;
  if (!ledger_.skip(index, sequence)) violations_.add(now(), "a failed send of a number that does not follow");
  return true;
}

void Oracle::settle_slip(TargetEntry& target, const Outcome& outcome) {
  const auto interval = target.options->interval.count();
  const auto into = (outcome.due.time_since_epoch().count() -
                     static_cast<std::int64_t>(target.phase_hash % static_cast<std::uint64_t>(interval))) %
                    interval;
  if (into != 0 && outcome.due >= target.due_since) violations_.add(now(), "a slip at {} ns off its phase", into);
}

void Oracle::check_due(const ProbeEntry& probe, const TargetEntry& target, const Outcome& outcome) {
  if (outcome.due > probe.asked) violations_.add(now(), "a probe left before it was due");
  // Before an update of the interval, due times had another phase.
  if (outcome.due < target.due_since) return;
  const auto interval = target.options->interval.count();
  const auto phase = static_cast<std::int64_t>(target.phase_hash % static_cast<std::uint64_t>(interval));
  const auto into = (outcome.due.time_since_epoch().count() - phase) % interval;
  if (into != 0) violations_.add(now(), "target {}: {} ns off its phase", target.address.to_string(), into);
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
  target.last_rtt = outcome.rtt.time;
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
    if (probe.left || outcome.send_failure != wire::SendFailure::kNotSent) complain("of a probe that left");
    if (paths_ == nullptr) complain("although nothing is known of the way");
    return;
  }
  if (paths_ != nullptr && !probe.left) {
    const auto path = paths_->find({ledger_.target(probe.target).address, {}, 0});
    if (path.kind != net::Path::Kind::kOnLink) complain("although it never left");
    return;
  }
  const bool excused = excuse(serial, outcome.kind == OutcomeKind::kLocalDrop);
  if (outcome.kind == OutcomeKind::kLocalDrop && !excused) complain("beyond what overflowed");
}

bool Oracle::excuse(Serial serial, bool take) {
  for (Overflow& overflow : overflows_) {
    if (overflow.left == 0 || serial >= overflow.before) continue;
    if (take) --overflow.left;
    return true;
  }
  return false;
}

void Oracle::check_numbers() {
  for (std::size_t i = 0; i < ledger_.target_count(); ++i) {
    const auto index = static_cast<TargetIndex>(i);
    if (ledger_.target(index).live) check_target(ledger_.target(index), index);
  }
}

void Oracle::check_target(TargetEntry& target, TargetIndex index) {
  probe::TargetNumbers numbers;
  probe::read_numbers(*target.record, numbers);
  const auto expect = [&](const char* what, std::uint64_t got, std::uint64_t want) {
    if (got != want) violations_.add(now(), "target {}: {} is {}, not {}", index, what, got, want);
  };
  std::uint64_t sum = numbers.in_flight;
  for (std::size_t kind = 0; kind < probe::kOutcomeKinds; ++kind) {
    sum += numbers.outcomes[kind];
    expect(probe::to_string(static_cast<OutcomeKind>(kind)), numbers.outcomes[kind], target.outcomes[kind]);
  }
  expect("due", numbers.due, sum);
  expect("in flight", numbers.in_flight, target.in_flight);
  for (std::size_t kind = 0; kind < probe::kStrayKinds; ++kind) {
    expect(probe::to_string(static_cast<probe::StrayKind>(kind)), numbers.strays[kind], target.strays[kind]);
  }
  expect("reordered", numbers.reordered, target.reordered);
  std::uint64_t errors = 0;
  for (const probe::IcmpErrorCount& error : numbers.icmp_errors) errors += error.count;
  expect("ICMP errors", errors, target.icmp_errors);
  if (numbers.due < target.due_seen) violations_.add(now(), "target {}: its counter of due times fell", index);
  target.due_seen = numbers.due;
  if (numbers.rtt_last != target.last_rtt) violations_.add(now(), "target {}: not its last round-trip time", index);
}

void Oracle::check_nothing_overdue(MonoTime drained) {
  for (Serial serial = ledger_.next_serial(); serial-- > 0 && ledger_.knows(serial);) {
    const ProbeEntry& probe = ledger_.probe(serial);
    if (probe.ended || !ledger_.target(probe.target).live) continue;
    const MonoTime latest = std::max(probe.asked, probe.opened) + probe.timeout;
    if (latest < drained) violations_.add(now(), "sequence {}: overdue and still in flight", probe.sequence);
  }
}

}  // namespace sounder::sim
