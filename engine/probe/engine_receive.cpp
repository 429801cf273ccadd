#include <algorithm>
#include <variant>

#include "engine/probe/canary.h"
#include "engine/probe/engine_impl.h"

namespace sounder::probe {

void Engine::Impl::receive(const wire::RxPacket& packet, const ReadTime& read, Actions& actions) {
  const wire::IcmpMessage message = wire::parse_icmp(packet);
  if (const auto* reply = std::get_if<wire::EchoReply>(&message)) {
    reply_matched(packet, *reply, matcher.match(packet, *reply), read, actions);
  } else if (const auto* error = std::get_if<wire::IcmpError>(&message)) {
    error_matched(packet, *error, matcher.match(packet, *error), read, actions);
  } else if (const auto* failure = std::get_if<wire::ParseFailure>(&message)) {
    bump(numbers.parse_errors[static_cast<std::size_t>(*failure)]);
  }
}

bool Engine::Impl::came_late(const Probe& probe, base::MonoTime arrival) const {
  if constexpr (kCanary == Canary::kLateReply) return false;
  // An update may have changed the timeout since; a probe keeps the one that it was sent with.
  return probe.state == Probe::State::kInFlight && arrival > probe.timer.at;
}

void Engine::Impl::reply_matched(const wire::RxPacket& packet, const wire::EchoReply& reply, const Match& match,
                                 const ReadTime& read, Actions& actions) {
  if (match.kind == Match::Kind::kNobody) return bump(numbers.unmatched_packets);
  if (match.kind == Match::Kind::kStray) return stray(match.stray, packet.source, match, actions);

  Probe& probe = *probes.find(*match.probe);
  if (probe.state == Probe::State::kReplied || probe.state == Probe::State::kWaiting) {
    return stray(StrayKind::kDuplicate, packet.source, match, actions);
  }
  if (came_late(probe, arrival_of(packet.stamp, read))) time_out(*match.probe, {}, read.at_wall, actions);
  if (!probe.live()) return stray(StrayKind::kLate, packet.source, match, actions);

  if (!is_echo(match.target)) count_order(targets[match.target], *match.sequence);
  WaitingReply answer{match.probe, packet.stamp, read.at, packet.ttl, static_cast<std::uint16_t>(reply.payload.size())};
  const bool stamp_may_come = config.tx_stamps && packet.stamp && probe.tx_stamp == Probe::kNoStamp;
  if (!stamp_may_come || waiting.size() == waiting.capacity()) return settle(answer, read.at_wall, actions);
  if (probe.state == Probe::State::kInFlight) expiries.remove(InFlightPool::slot_of(*match.probe));
  probe.state = Probe::State::kWaiting;
  probe.reply_waiting = static_cast<std::uint32_t>(waiting.size());
  waiting.push_back(answer);
}

void Engine::Impl::error_matched(const wire::RxPacket& packet, const wire::IcmpError& error, const Match& match,
                                 const ReadTime& read, Actions& actions) {
  const Probe* const probe = match.probe ? probes.find(*match.probe) : nullptr;
  if (match.kind == Match::Kind::kNoNeighbour && probe == nullptr) return late_own_word(targets[match.target]);
  if (match.kind == Match::Kind::kNobody || probe->state == Probe::State::kWaiting) {
    return bump(numbers.unmatched_packets);
  }
  if (match.kind == Match::Kind::kNoNeighbour) {
    return end_unsent(*match.probe, Evidence::kOwnWord, read.at_wall, actions);
  }
  if (came_late(*probe, arrival_of(packet.stamp, read))) return time_out(*match.probe, {}, read.at_wall, actions);
  Outcome outcome;
  outcome.kind = OutcomeKind::kIcmpError;
  outcome.icmp_error = IcmpErrorInfo{error.family, error.type, error.code, packet.source};
  end(*match.probe, outcome, {}, read.at_wall, actions);
}

void Engine::Impl::stray(StrayKind kind, const base::IpAddress& source, const Match& match, Actions& actions) {
  if (is_echo(match.target)) return bump(numbers.echo_strays[static_cast<std::size_t>(kind)]);
  count_stray(targets[match.target], {TargetSlot(match.target), kind, source, match.sequence}, actions);
}

void Engine::Impl::settle(const WaitingReply& reply, base::WallTime now_wall, Actions& actions) {
  const Probe& probe = *probes.find(*reply.probe);
  const auto tx = probe.tx_stamp == Probe::kNoStamp ? std::nullopt : std::optional(probe.tx_stamp);
  Outcome outcome;
  outcome.kind = OutcomeKind::kReply;
  outcome.rtt = measure({probe.sent, reply.received, tx, reply.rx_stamp, clock_watch.steady_since(probe.sent)},
                        config.bracket_check);
  outcome.ttl = reply.ttl;
  outcome.data_size = reply.data_size;
  const auto mark = [](StampSource source) { return source == StampSource::kKernel ? 0U : 1U; };
  bump(numbers.rtt_stamps[mark(outcome.rtt.tx)][mark(outcome.rtt.rx)]);
  end(*reply.probe, outcome, {}, now_wall, actions);
}

/// The TX stamps of this cycle have been fed: whoever still waits for one gets the bracket.
void Engine::Impl::settle_waiting(base::WallTime now_wall, Actions& actions) {
  for (; first_waiting < waiting.size() && actions.has_room(1); ++first_waiting) {
    const WaitingReply& reply = waiting[first_waiting];
    // Settled by its stamp, or forgotten with its target.
    const Probe* const probe = reply.probe ? probes.find(*reply.probe) : nullptr;
    if (probe == nullptr) continue;
    doubt_stamps(*probe);
    settle(reply, now_wall, actions);
  }
  if (first_waiting < waiting.size()) return;
  waiting.clear();
  first_waiting = 0;
}

}  // namespace sounder::probe
