/// The oracle's judgement of what the engine publishes.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "tests/sim/oracle.h"

namespace sounder::sim {

namespace {

using base::Duration;
using base::MonoTime;
using probe::OutcomeKind;

/// Engine and oracle round in different ways: an eighth and a sixteenth of a nanosecond, added up.
constexpr double kRounding = 100;

std::uint64_t sum(const auto& counts) {
  return std::accumulate(counts.begin(), counts.end(), std::uint64_t{0},
                         [](std::uint64_t total, const auto& count) { return total + count; });
}

}  // namespace

void Oracle::check_moment(std::size_t in_use) {
  if (in_use != in_flight_) violations_.add(now(), "{} places in use, of {} probes in flight", in_use, in_flight_);
  for (const TargetIndex index : touched_) {
    const TargetEntry& target = ledger_.target(index);
    if (!target.live) continue;
    const probe::TargetAccounts accounts = probe::read_accounts(*target.record);
    if (accounts.in_flight != target.in_flight || accounts.outcomes != target.outcomes ||
        accounts.due != sum(accounts.outcomes) + accounts.in_flight) {
      violations_.add(now(), "target {}: its accounts are not what was told of it", index);
    }
  }
  touched_.clear();
}

void Oracle::check_numbers() {
  for (std::size_t i = 0; i < ledger_.target_count(); ++i) {
    const auto index = static_cast<TargetIndex>(i);
    if (ledger_.target(index).live && !ledger_.target(index).echo) check_target(ledger_.target(index), index);
  }
}

void Oracle::check_target(TargetEntry& target, TargetIndex index) {
  probe::TargetNumbers numbers;
  probe::read_numbers(*target.record, numbers);
  const auto expect = [&](const char* what, std::uint64_t got, std::uint64_t want) {
    if (got != want) violations_.add(now(), "target {}: {} is {}, not {}", index, what, got, want);
  };
  for (std::size_t kind = 0; kind < probe::kOutcomeKinds; ++kind) {
    expect(probe::to_string(static_cast<OutcomeKind>(kind)), numbers.outcomes[kind], target.outcomes[kind]);
  }
  expect("due", numbers.due, sum(numbers.outcomes) + numbers.in_flight);
  expect("in flight", numbers.in_flight, target.in_flight);
  for (std::size_t kind = 0; kind < probe::kStrayKinds; ++kind) {
    expect(probe::to_string(static_cast<probe::StrayKind>(kind)), numbers.strays[kind], target.strays[kind]);
  }
  expect("reordered", numbers.reordered, target.reordered);
  expect("state", static_cast<std::uint64_t>(numbers.state), static_cast<std::uint64_t>(target.state));
  expect("TTL of its last reply", numbers.reply_ttl.value_or(0), target.reply_ttl.value_or(0));
  if (numbers.state == probe::TargetState::kUp && numbers.reason != probe::Reason::kNone) {
    violations_.add(now(), "target {}: up for a reason", index);
  }
  if (numbers.due < target.due_seen) violations_.add(now(), "target {}: its counter of due times fell", index);
  target.due_seen = numbers.due;
  if (target.next_due + kForgotten < idle_at_) violations_.add(now(), "target {}: its due times were forgotten", index);
  check_round_trips(target, index, numbers);
  check_errors(target, index, numbers);
}

void Oracle::check_round_trips(const TargetEntry& target, TargetIndex index, const probe::TargetNumbers& numbers) {
  const RoundTripModel& model = target.round_trips;
  const auto differs = [](const std::optional<Duration>& got, bool wanted, double want) {
    return got.has_value() != wanted || (wanted && std::abs(static_cast<double>(got->count()) - want) > kRounding);
  };
  if (numbers.rtt_last != model.last) violations_.add(now(), "target {}: not its last round-trip time", index);
  if (differs(numbers.rtt_smoothed, model.count > 0, model.smoothed)) {
    violations_.add(now(), "target {}: not its smoothed round-trip time", index);
  }
  if (differs(numbers.rtt_jitter, model.count > 1, model.jitter))
    violations_.add(now(), "target {}: not its jitter", index);
  const auto* const end = numbers.buckets.begin() + std::min<std::size_t>(numbers.bucket_count, numbers.buckets.size());
  if (!std::equal(numbers.buckets.begin(), end, model.buckets.begin(), model.buckets.end())) {
    violations_.add(now(), "target {}: its histogram is another", index);
  }
  const double seconds = static_cast<double>(model.sum_ns) / 1e9;
  if (std::abs(numbers.rtt_sum_seconds - seconds) > 1e-9 * (1 + seconds)) {
    violations_.add(now(), "target {}: its round-trip times add up to {} s, not {} s", index, numbers.rtt_sum_seconds,
                    seconds);
  }
}

/// Each type and code by itself, as long as there are places; the others together.
void Oracle::check_errors(const TargetEntry& target, TargetIndex index, const probe::TargetNumbers& numbers) {
  std::uint64_t told = 0;
  std::uint64_t counted = 0;
  for (const auto& [type_and_code, count] : target.icmp_errors) told += count;
  for (const probe::IcmpErrorCount& error : numbers.icmp_errors) {
    counted += error.count;
    if (error.count == 0 || (error.type == 255 && error.code == 255)) continue;
    const auto found = target.icmp_errors.find({error.type, error.code});
    if (found == target.icmp_errors.end() || found->second != error.count) {
      violations_.add(now(), "target {}: {} ICMP errors {}/{} that were not told", index, error.count, error.type,
                      error.code);
    }
  }
  if (told != counted) violations_.add(now(), "target {}: {} ICMP errors, not {}", index, counted, told);
}

void Oracle::check_engine(const probe::EngineNumbers& numbers) {
  const auto expect = [&](const char* what, std::uint64_t got, std::uint64_t want) {
    if (got != want) violations_.add(now(), "the engine's {} is {}, not {}", what, got, want);
  };
  expect("lost packets", numbers.receive_queue_overflows, tally_.overflowed);
  expect("bad checksums", numbers.parse_errors[static_cast<std::size_t>(probe::ParseFailure::kBadChecksum)],
         tally_.bad_checksums);
  expect("send lateness", sum(numbers.send_lateness.counts), accepted_);
  expect("round-trip times of the kernel", numbers.rtt_stamps[0][0], tally_.kernel_rtts);
  const std::uint64_t replies = tally_.outcome(OutcomeKind::kReply) + tally_.echoes[index_of(OutcomeKind::kReply)];
  expect("round-trip times of our own", numbers.rtt_stamps[1][1], replies - tally_.kernel_rtts);
  for (std::size_t i = 0; i < refusals_.size(); ++i) expect("refused sends", numbers.send_errors[i], refusals_[i]);
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
