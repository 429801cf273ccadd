#include "engine/probe/matcher.h"

#include "engine/probe/canary.h"
#include "engine/wire/echo_payload.h"

namespace sounder::probe {
namespace {

/// RFC 792 and RFC 4443 §3.1: the last hop found no link address for the destination.
bool is_host_unreachable(const wire::IcmpError& error) {
  return to_reason(error.family, error.type, error.code) == Reason::kHostUnreachable;
}

/// The system tells a socket on its own machine, from one of its own addresses, what it found out itself.
bool is_own_word(const wire::RxPacket& packet) {
  return packet.form == wire::RxPacket::Form::kMessage && packet.destination &&
         same_address(packet.source, *packet.destination);
}

Match stray(StrayKind kind, std::uint32_t target, wire::Sequence sequence) {
  return {Match::Kind::kStray, kind, target, std::nullopt, sequence};
}

}  // namespace

bool Matcher::ours(base::Family family, wire::Identifier identifier) const {
  return identifier == (family == base::Family::kIpv4 ? identity_.v4 : identity_.v6);
}

wire::EchoTag Matcher::tag_of(const Target& target, wire::ProbeId probe, wire::Sequence sequence) const {
  return wire::make_tag(identity_.key, probe, sequence, target.plan->address);
}

Matcher::Asked Matcher::asked(const Probe& probe) {
  if (is_echo(probe.target)) {
    const EchoRequest& request = echoes_[echo_slot(probe.target)].request;
    return {request.address, echo_sequence(probe.sequence), request.accept_foreign};
  }
  const Target& target = targets_[probe.target];
  return {target.plan->address, target.widen(probe.sequence), target.options().accept_foreign};
}

bool Matcher::is_live(std::optional<wire::ProbeId> id) {
  const Probe* const probe = id ? probes_.find(*id) : nullptr;
  return probe != nullptr && probe->live();
}

/// The probe of this name, live or remembered, if it is the target's with this number.
const Probe* Matcher::find_probe(std::optional<wire::ProbeId> id, std::uint32_t slot, wire::Sequence sequence) {
  const Probe* const probe = id ? probes_.find(*id) : nullptr;
  const bool same =
      probe != nullptr && probe->target == slot && probe->sequence == static_cast<std::uint32_t>(sequence.value());
  return same ? probe : nullptr;
}

Match Matcher::match(const wire::RxPacket& packet, const wire::EchoReply& reply) {
  const auto claim = wire::read_echo_tag(reply.payload);
  if (claim) {
    if (const auto tagged = match_tagged(packet, reply, *claim)) return *tagged;
  }
  if (!ours(packet.family, reply.identifier)) return {};
  return claim ? match_forgotten(packet, reply, *claim) : match_untagged(packet, reply);
}

/// The tag names a probe that we still know, and is right: nobody else can have written it.
std::optional<Match> Matcher::match_tagged(const wire::RxPacket& packet, const wire::EchoReply& reply,
                                           const wire::EchoTag& claim) {
  const Probe* const probe = probes_.find(claim.probe);
  if (probe == nullptr || probe->sequence != claim.sequence) return std::nullopt;
  if (probe->data_size < wire::kEchoTagSize) return std::nullopt;
  const auto [address, sequence, accept_foreign] = asked(*probe);
  const wire::EchoTag tag = wire::make_tag(identity_.key, claim.probe, sequence, address);
  if (tag != claim) return std::nullopt;

  const bool sound = ours(packet.family, reply.identifier) && reply.sequence == to_wire(sequence) &&
                     wire::data_right(reply.payload, tag, probe->data_size);
  if (!sound) return stray(StrayKind::kCorrupt, probe->target, sequence);
  const bool accepted = accept_foreign || kCanary == Canary::kStolenReply;
  if (!same_address(packet.source, address) && !accepted) {
    return stray(StrayKind::kForeign, probe->target, sequence);
  }
  return Match{Match::Kind::kReply, StrayKind::kCorrupt, probe->target, claim.probe, sequence};
}

/// The tag names no probe that we know: it is right, but so old that the probe's slot has been reused (and nobody knows
/// its size any more), or it is wrong.
Match Matcher::match_forgotten(const wire::RxPacket& packet, const wire::EchoReply& reply, const wire::EchoTag& claim) {
  Match found;
  targets_.find(packet.source, [&](std::uint32_t slot, const Target& target) {
    const wire::Sequence sequence = target.widen(claim.sequence);
    if (!target.was_sent(sequence)) return false;
    const wire::EchoTag tag = tag_of(target, claim.probe, sequence);
    if (tag != claim) return false;
    const bool sound =
        reply.sequence == to_wire(sequence) && wire::data_right(reply.payload, tag, reply.payload.size());
    found = stray(sound ? StrayKind::kLate : StrayKind::kCorrupt, slot, sequence);
    return true;
  });
  if (found.kind != Match::Kind::kNobody) return found;
  const wire::Sequence sequence = echo_sequence(claim.sequence);
  if (wire::make_tag(identity_.key, claim.probe, sequence, packet.source) == claim) {
    return stray(StrayKind::kLate, kEchoBit, sequence);
  }
  return corrupt_from(packet.source, reply.sequence);
}

/// Too short for a tag: address, identifier, sequence and the data that is there decide. Numbers of echoes are chosen
/// so that no target of the address is near them; if both are in flight all the same, nobody can tell whose it is.
Match Matcher::match_untagged(const wire::RxPacket& packet, const wire::EchoReply& reply) {
  const Match target = match_target(packet, reply);
  if (const auto echo = match_echo(packet, reply)) {
    if (!is_live(target.probe)) return *echo;
    if (is_live(echo->probe)) return {};
  }
  if (target.kind != Match::Kind::kNobody) return target;
  return corrupt_from(packet.source, reply.sequence);
}

std::optional<Match> Matcher::match_echo(const wire::RxPacket& packet, const wire::EchoReply& reply) {
  const auto slot = echoes_.find(packet.source, reply.sequence);
  if (!slot) return std::nullopt;
  const Echo& echo = echoes_[*slot];
  const wire::Sequence sequence = echo_sequence(echo.sequence);
  const wire::EchoTag tag = wire::make_tag(identity_.key, echo.probe, sequence, echo.request.address);
  if (!wire::data_right(reply.payload, tag, echo.request.size))
    return stray(StrayKind::kCorrupt, kEchoBit | *slot, sequence);
  const bool known = find_probe(echo.probe, kEchoBit | *slot, sequence) != nullptr;
  if (!known) return stray(StrayKind::kLate, kEchoBit | *slot, sequence);
  return Match{Match::Kind::kReply, StrayKind::kCorrupt, kEchoBit | *slot, echo.probe, sequence};
}

/// Of several targets with this address, the first with such a probe in flight is meant, else the first that has sent
/// that number.
Match Matcher::match_target(const wire::RxPacket& packet, const wire::EchoReply& reply) {
  Match best;
  targets_.find(packet.source, [&](std::uint32_t slot, const Target& target) {
    const auto sequence = SequenceWindow::widen(reply.sequence, wire::Sequence(target.first), target.next);
    if (!sequence) return false;
    const auto id = target.window.occupant(*sequence);
    const Probe* const probe = find_probe(id, slot, *sequence);
    if (probe == nullptr) {
      if (best.kind == Match::Kind::kNobody) best = stray(StrayKind::kLate, slot, *sequence);
      return false;
    }
    const bool right = wire::data_right(reply.payload, tag_of(target, *id, *sequence), probe->data_size);
    if (probe->live() || best.kind == Match::Kind::kNobody) {
      best = right ? Match{Match::Kind::kReply, StrayKind::kCorrupt, slot, id, sequence}
                   : stray(StrayKind::kCorrupt, slot, *sequence);
      best.probe = id;
    }
    return probe->live() && right;
  });
  return best;
}

/// With our identifier, but right for nobody. It counts for the echo that has this number, else for the target of this
/// address whose latest number is nearest, which is the first where none has sent such a number; of an echo that has
/// ended and a target's probe that is in flight, for the target.
Match Matcher::corrupt_from(const base::IpAddress& source, wire::WireSequence sequence) {
  Match found;
  targets_.find(source, [&](std::uint32_t slot, const Target& target) {
    const auto sent = SequenceWindow::widen(sequence, wire::Sequence(target.first), target.next);
    if (found.kind != Match::Kind::kNobody && !sent) return false;
    found = {Match::Kind::kStray, StrayKind::kCorrupt, slot, sent ? target.window.occupant(*sent) : std::nullopt, sent};
    return sent.has_value();
  });
  const auto slot = echoes_.find(source, sequence);
  if (!slot || kCanary == Canary::kForgottenEcho) return found;
  const Echo& echo = echoes_[*slot];
  const bool target_live =
      found.sequence && find_probe(found.probe, found.target, *found.sequence) != nullptr && is_live(found.probe);
  if (target_live && echo.state == Echo::State::kEnded) return found;
  return stray(StrayKind::kCorrupt, kEchoBit | *slot, echo_sequence(echo.sequence));
}

/// Which of the target's probes the error is about, as far as the quote proves it: a quote that reaches the tag must
/// have it right, a shorter one (or one of a probe that carries none) needs a number that was sent.
std::optional<Matcher::Quoted> Matcher::quoted(const Target& target, std::uint32_t slot, const wire::IcmpError& error) {
  const auto claim = wire::read_echo_tag(error.payload);
  if (claim) {
    const wire::Sequence sequence = target.widen(claim->sequence);
    const bool right = target.was_sent(sequence) && to_wire(sequence) == error.sequence &&
                       tag_of(target, claim->probe, sequence) == *claim;
    if (right) return Quoted{sequence, claim->probe};
  }
  const auto sequence = SequenceWindow::widen(error.sequence, wire::Sequence(target.first), target.next);
  if (!sequence) return std::nullopt;
  const auto id = target.window.occupant(*sequence);
  const Probe* const probe = find_probe(id, slot, *sequence);
  const bool tagged = probe != nullptr && probe->data_size >= wire::kEchoTagSize;
  if (claim && tagged) return std::nullopt;
  return Quoted{*sequence, id};
}

Match Matcher::match(const wire::RxPacket& packet, const wire::IcmpError& error) {
  if (!ours(error.family, error.identifier)) return {};
  const bool no_neighbour = is_own_word(packet) && is_host_unreachable(error);
  const Match target = match_target(error, no_neighbour);
  const auto echo = match_echo(error, no_neighbour);
  if (!echo) return target;
  if (!echo->probe) return target.probe ? target : Match{};
  // As with replies; but a quote that reaches the tag has proven itself.
  return target.probe && !wire::read_echo_tag(error.payload) ? Match{} : *echo;
}

std::optional<Match> Matcher::match_echo(const wire::IcmpError& error, bool no_neighbour) {
  const auto slot = echoes_.find(error.destination, error.sequence);
  if (!slot) return std::nullopt;
  const Echo& echo = echoes_[*slot];
  const wire::Sequence sequence = echo_sequence(echo.sequence);
  const auto claim = wire::read_echo_tag(error.payload);
  const auto tag = wire::make_tag(identity_.key, echo.probe, sequence, echo.request.address);
  if (claim && echo.request.size >= wire::kEchoTagSize && *claim != tag) return std::nullopt;
  const Probe* const probe = find_probe(echo.probe, kEchoBit | *slot, sequence);
  return Match{no_neighbour ? Match::Kind::kNoNeighbour : Match::Kind::kIcmpError, StrayKind::kCorrupt,
               kEchoBit | *slot, probe != nullptr && probe->live() ? std::optional(echo.probe) : std::nullopt,
               sequence};
}

Match Matcher::match_target(const wire::IcmpError& error, bool no_neighbour) {
  Match found;
  targets_.find(error.destination, [&](std::uint32_t slot, const Target& target) {
    const auto quote = quoted(target, slot, error);
    if (!quote) return false;
    const Probe* const probe = find_probe(quote->probe, slot, quote->sequence);
    const bool live = probe != nullptr && probe->live();
    if (!live && !no_neighbour) return false;
    found = {no_neighbour ? Match::Kind::kNoNeighbour : Match::Kind::kIcmpError, StrayKind::kCorrupt, slot,
             live ? quote->probe : std::nullopt, quote->sequence};
    return live;
  });
  return found;
}

}  // namespace sounder::probe
