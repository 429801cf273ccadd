#include "tests/sim/oracle.h"

#include <algorithm>

#include "engine/wire/byte_order.h"
#include "engine/wire/echo_payload.h"

namespace sounder::sim {

namespace {

using base::Duration;
using base::MonoTime;
using probe::Outcome;
using probe::OutcomeKind;
using probe::StampSource;
using probe::StrayKind;

/// RFC 792.
constexpr std::size_t kSequenceInHeader = 6;

/// What the realtime clock may gain or lose while it is slewed (NTP: 500 ppm), and 10 ns of rounding.
Duration slewed(Duration elapsed) { return elapsed / 1000 + Duration(10); }

}  // namespace

void StreamHash::mix(std::uint64_t word) {
  state_ = (state_ ^ word) * 0x9e3779b97f4a7c15U;
  state_ ^= state_ >> 29U;
}

void StreamHash::add(const Outcome& outcome) {
  mix(outcome.target.value());
  mix(outcome.sequence.value());
  mix(static_cast<std::uint64_t>(outcome.kind) << 8U | static_cast<std::uint64_t>(outcome.send_failure));
  mix(static_cast<std::uint64_t>(outcome.due.time_since_epoch().count()));
  mix(outcome.count);
  mix(static_cast<std::uint64_t>(outcome.rtt.time.count()));
  mix(static_cast<std::uint64_t>(outcome.rtt.tx) << 8U | static_cast<std::uint64_t>(outcome.rtt.rx));
  mix(std::uint64_t{outcome.ttl.value_or(0)} << 16U | outcome.data_size);
  if (!outcome.icmp_error.has_value()) return;
  mix(std::uint64_t{outcome.icmp_error->type} << 8U | outcome.icmp_error->code);
}

void Oracle::on_requests(std::span<const wire::TxRequest> requests, MonoTime asked) {
  for (const wire::TxRequest& request : requests) {
    const auto owner = owner_of(request);
    if (!owner.has_value()) {
      violations_.add(now(), "a request to {} belongs to no target", request.destination.to_string());
    }
    const TargetIndex index = owner.value_or(0);
    TargetEntry& target = ledger_.target(index);
    check_number(index, request.tag.sequence);
    ProbeEntry* probe = ledger_.add_probe(ledger_.next_serial(), index, request.tag.sequence);
    if (probe == nullptr) {
      violations_.add(now(), "target {}: sequence {} does not follow", target.address.to_string(),
                      request.tag.sequence);
      probe = &ledger_.probe(ledger_.next_serial() - 1);
    }
    ledger_.name(ledger_.next_serial() - 1, request.probe);
    probe->asked = asked;
    probe->calm = idle_at_;
    probe->data_size = request.data_size;
    check_due(*probe, target);
    ++target.in_flight;
    ++in_flight_;
    if (!target.echo) touched_.push_back(index);
    check_request(request, target);
  }
}

/// A target's, or that of the echo whose turn it is.
std::optional<TargetIndex> Oracle::owner_of(const wire::TxRequest& request) {
  if (const auto target = ledger_.of_request(request)) return target;
  if (waiting_echoes_.empty()) return std::nullopt;
  const TargetIndex echo = waiting_echoes_.front();
  waiting_echoes_.pop_front();
  return echo;
}

/// A number is passed over only where a probe in flight holds the place that it would have.
void Oracle::check_number(TargetIndex index, std::uint32_t sequence) {
  const TargetEntry& target = ledger_.target(index);
  const std::uint32_t passed = ledger_.passed_over(index, sequence);
  if (passed > target.in_flight) {
    violations_.add(now(), "target {}: {} numbers passed over, with {} in flight", index, passed, target.in_flight);
  }
}

/// An echo is due when it is asked for, a target's probe by its schedule.
void Oracle::check_due(ProbeEntry& probe, TargetEntry& target) {
  probe.due = target.echo ? probe.asked : target.next_due;
  if (target.echo) return;
  if (probe.due > probe.asked) violations_.add(now(), "target {}: a probe left before it was due", probe.target);
  if (probe.asked - probe.due >= target.options->interval) {
    violations_.add(now(), "target {}: {} due times were passed over", probe.target,
                    (probe.asked - probe.due) / target.options->interval);
  }
  target.next_due += target.options->interval;
}

void Oracle::check_request(const wire::TxRequest& request, const TargetEntry& target) {
  const bool v4 = target.address.is_v4();
  if (request.destination != target.address) violations_.add(now(), "a request went to another target's address");
  if ((request.tag.sequence & 0xffffU) != request.sequence.value()) violations_.add(now(), "two sequences differ");
  if (request.identifier != (v4 ? traits_.identifier_v4 : traits_.identifier_v6)) {
    violations_.add(now(), "a request with another identifier");
  }
  if (request.data_size != target.options->size || *request.options != target.packet) {
    violations_.add(now(), "target {}: a request with other options than the target's", target.address.to_string());
  }
}

void Oracle::on_stamps(std::span<const wire::TxResult> stamps) {
  for (const wire::TxResult& stamp : stamps) {
    if (ProbeEntry* const probe = ledger_.named(stamp.probe)) probe->tx_stamped = true;
  }
}

void Oracle::on_results(std::span<const wire::TxResult> results, Serial first, const probe::Actions& actions) {
  for (std::size_t i = 0; i < results.size(); ++i) {
    ProbeEntry& probe = ledger_.probe(first + i);
    probe.opened = results[i].at;
    if (results[i].kind != wire::TxResult::Kind::kRefused) {
      accepted_ += ledger_.target(probe.target).echo ? 0U : 1U;
      continue;
    }
    probe.refused = results[i].failure;
    ++refusals_[static_cast<std::size_t>(results[i].failure)];
  }
  settle_all(actions);
  for (Serial serial = first; serial < first + results.size(); ++serial) {
    const ProbeEntry& probe = ledger_.probe(serial);
    if (probe.refused.has_value() && !probe.ended) violations_.add(now(), "a refused send has no outcome");
  }
}

void Oracle::on_overflow(std::uint64_t packets) {
  overflows_.push_back({ledger_.next_serial(), std::min(packets, in_flight_)});
  tally_.overflowed += packets;
}

std::optional<bool> Oracle::in_time(const ProbeEntry& probe, const Truth& truth, const wire::RxPacket& packet,
                                    const io::Received& read) const {
  const MonoTime earliest = std::min(probe.asked, probe.opened) + probe.timeout;
  const MonoTime latest = std::max(probe.asked, probe.opened) + probe.timeout;
  if (read.at <= earliest) return true;
  const Duration fuzz = slewed(read.at - truth.arrived);
  const bool datable = packet.stamp.has_value() && truth.clock_epoch == timeline_.clock().steps();
  if (!datable) return std::nullopt;
  if (truth.arrived + fuzz < earliest) return true;
  if (truth.arrived - fuzz > latest) return false;
  return std::nullopt;
}

Oracle::Allowed Oracle::judge_reply(const ProbeEntry& probe, std::optional<bool> timely) const {
  if (probe.answered) return bit(StrayKind::kDuplicate);
  if (probe.ended || probe.errored) return bit(StrayKind::kLate);
  if (!timely.has_value()) return kAnswer | bit(StrayKind::kLate);
  return *timely ? kAnswer : bit(StrayKind::kLate);
}

Oracle::Allowed Oracle::judge_error(const ProbeEntry& probe, std::optional<bool> timely) const {
  if (probe.ended || probe.answered || probe.errored) return kNothing;
  if (!timely.has_value()) return kError | kNothing;
  return *timely ? kError : kNothing;
}

/// What no target is told of, no target is told of where it is an echo's.
Oracle::Allowed Oracle::judge(ProbeEntry& probe, const Truth& truth, const wire::RxPacket& packet,
                              const io::Received& read) {
  const Allowed allowed = judge_as_targets(probe, truth, packet, read);
  if (!ledger_.target(probe.target).echo) return allowed;
  const Allowed strays = allowed & kStrays;
  const Allowed own = strays == 0 ? allowed : (allowed & ~kStrays) | kNothing;
  return is_nameless(probe, truth, packet) ? own | kNothing | kStrays : own;
}

/// Nobody can tell that it is an echo's and not a target's of that address: its place is another's by now, and no right
/// tag says more.
bool Oracle::is_nameless(const ProbeEntry& probe, const Truth& truth, const wire::RxPacket& packet) {
  const TargetEntry& echo = ledger_.target(probe.target);
  if (!echo.echo) return false;
  const bool tagged = std::min<std::size_t>(probe.data_size, packet.bytes.size() - kIcmpHeader) >= wire::kEchoTagSize;
  const bool corrupt = truth.essence == Essence::kCorrupt;
  const bool forgotten = echo.answered && (requests_ >= echo.forgotten_after || now() - probe.ended_at > kRemembered);
  return forgotten && (corrupt || !tagged);
}

Oracle::Allowed Oracle::judge_as_targets(ProbeEntry& probe, const Truth& truth, const wire::RxPacket& packet,
                                         const io::Received& read) {
  const TargetEntry& target = ledger_.target(probe.target);
  if (!target.live) return kNothing | bit(StrayKind::kCorrupt);
  // What carries no tag is told from what went before by the window of the latest probes alone.
  const bool tagged = std::min<std::size_t>(probe.data_size, packet.bytes.size() - kIcmpHeader) >= wire::kEchoTagSize;
  const Allowed vague = tagged ? 0 : bit(StrayKind::kLate) | bit(StrayKind::kDuplicate);
  const auto timely = in_time(probe, truth, packet, read);
  switch (truth.essence) {
    case Essence::kReply:
      return judge_reply(probe, timely) | (probe.ended || probe.answered ? vague : 0);
    case Essence::kForeign:
      if (target.options->accept_foreign && tagged) return judge_reply(probe, timely);
      return tagged ? bit(StrayKind::kForeign) : kNothing | bit(StrayKind::kForeign);
    case Essence::kCorrupt:
      return bit(StrayKind::kCorrupt) | vague | (tagged ? 0 : kNothing);
    case Essence::kRouterError:
      return judge_error(probe, timely);
    case Essence::kBadChecksum:
      return kNothing;
    case Essence::kOwnError:
      probe.no_neighbour = true;
      return kNothing;
    case Essence::kForgedError:
      return kNothing;
  }
  return kNothing;
}

bool Oracle::is_about(const probe::StrayReply& stray, const ProbeEntry& probe, const wire::RxPacket& packet) const {
  if (stray.source != packet.source) return false;
  if (ledger_.target(probe.target).echo) {
    const auto index = stray.target ? ledger_.at_slot(*stray.target) : std::nullopt;
    const std::uint16_t number = wire::load<std::uint16_t>(packet.bytes, kSequenceInHeader);
    const bool same_number = !stray.sequence || to_wire(*stray.sequence).value() == number;
    return same_number && index && ledger_.target(*index).address == ledger_.target(probe.target).address;
  }
  if (stray.target.has_value() && ledger_.at_slot(*stray.target) != probe.target) return false;
  // What is corrupt may claim any number; of all others the low bits are certain.
  return stray.kind == StrayKind::kCorrupt || !stray.sequence.has_value() ||
         ((stray.sequence->value() ^ probe.sequence) & 0xffffU) == 0;
}

void Oracle::take_answer(ProbeEntry& probe, const Truth& truth, const wire::RxPacket& packet,
                         const io::Received& read) {
  probe.answered = true;
  probe.rx_stamped = packet.stamp.has_value();
  probe.reply_ttl = packet.ttl;
  probe.path = truth.arrived - truth.transmitted;
  probe.bracket = read.at - probe.opened;
  probe.reply_size = static_cast<std::uint16_t>(packet.bytes.size() - kIcmpHeader);
  unsettled_.push_back(truth.serial);
  TargetEntry& target = ledger_.target(probe.target);
  // RFC 4737 §3.2: a packet is reordered if a higher number arrived before it.
  const std::uint64_t wide = probe.sequence;
  if (target.highest_replied.has_value() && wide < *target.highest_replied) ++target.reordered;
  target.highest_replied = std::max(target.highest_replied.value_or(0), wide);
}

void Oracle::on_received(const io::Received& received, std::span<const Truth> truths, const probe::Actions& actions) {
  horizon_ = received.at;
  const auto strays = actions.strays.span();
  std::size_t next = 0;
  for (std::size_t i = 0; i < received.packets.size(); ++i) {
    const Truth& truth = truths[i];
    const wire::RxPacket& packet = received.packets[i];
    tally_.bad_checksums += truth.essence == Essence::kBadChecksum ? 1U : 0U;
    if (!ledger_.knows(truth.serial)) {
      violations_.add(now(), "the simulation forgot a probe too early");
      continue;
    }
    ProbeEntry& probe = ledger_.probe(truth.serial);
    const Allowed allowed = judge(probe, truth, packet, received);
    if (next < strays.size() && (allowed & bit(strays[next].kind)) != 0 && is_about(strays[next], probe, packet)) {
      ++next;
    } else if ((allowed & kAnswer) != 0) {
      take_answer(probe, truth, packet, received);
    } else if ((allowed & kError) != 0) {
      probe.errored = (allowed & kNothing) == 0;
      probe.error_type = std::to_integer<std::uint8_t>(packet.bytes[0]);
      probe.error_code = std::to_integer<std::uint8_t>(packet.bytes[1]);
      probe.reporter = packet.source;
      unsettled_.push_back(truth.serial);
    } else if ((allowed & kNothing) == 0) {
      violations_.add(now(), "target {} sequence {}: packet of essence {} gave no stray (allowed {:#x}, next {})",
                      ledger_.target(probe.target).address.to_string(), probe.sequence, static_cast<int>(truth.essence),
                      allowed, next < strays.size() ? probe::to_string(strays[next].kind) : "none");
    }
  }
  if (next != strays.size()) {
    violations_.add(now(), "{} strays that no packet explains, the first: {}", strays.size() - next,
                    probe::to_string(strays[next].kind));
  }
  settle_all(actions);
}

void Oracle::on_deadline(MonoTime drained, const probe::Actions& actions) {
  horizon_ = drained;
  settle_all(actions);
  if (!actions.outcomes.full()) {
    for (const Serial serial : unsettled_) {
      const ProbeEntry& probe = ledger_.probe(serial);
      if ((probe.answered || probe.errored) && !probe.ended && ledger_.target(probe.target).live) {
        violations_.add(now(), "target {} sequence {}: answered and no outcome",
                        ledger_.target(probe.target).address.to_string(), probe.sequence);
      }
    }
    unsettled_.clear();
  }
  ledger_.forget(now() - memory_);
}

void Oracle::on_removed(TargetIndex index) {
  TargetEntry& target = ledger_.target(index);
  for (const Serial serial : target.by_sequence) {
    if (!ledger_.knows(serial)) continue;
    ProbeEntry& probe = ledger_.probe(serial);
    if (probe.ended) continue;
    probe.ended = true;
    probe.ended_at = now();
  }
  in_flight_ -= target.in_flight;
  ledger_.unlink(index);
}

}  // namespace sounder::sim
