#include <algorithm>

#include "engine/base/limits.h"
#include "engine/probe/canary.h"
#include "engine/probe/engine_impl.h"
#include "engine/wire/echo_payload.h"

namespace sounder::probe {
namespace {

/// Events that one due target makes at most: its slips, and a failure for want of memory.
constexpr std::size_t kEventsPerDue = 2;

/// While echoes wait, one of so many probes is theirs: targets that use up the rate limit must not stop them.
constexpr std::uint32_t kSharedTurns = 8;

}  // namespace

void Engine::Impl::send_due(base::MonoTime now, base::WallTime now_wall, Actions& actions) {
  while (!actions.sends.full() && actions.has_room(kEventsPerDue) && rate_limit.ready(now)) {
    if (!send_next(now, now_wall, actions)) return;
  }
}

/// A target's probe, or an echo where no target is due or too many have gone before it. False: nothing is due.
bool Engine::Impl::send_next(base::MonoTime now, base::WallTime now_wall, Actions& actions) {
  const bool echo_waits = echoes.waiting();
  if (!echo_waits || ++sent_in_row < kSharedTurns) {
    if (const auto slot = schedule.pop(now)) {
      send_probe(*slot, now, now_wall, actions);
      return true;
    }
  }
  if (!echo_waits) return false;
  sent_in_row = 0;
  send_echo(now, actions);
  return true;
}

base::MonoTime Engine::Impl::next_send() const {
  const base::MonoTime due = echoes.waiting() ? base::MonoTime::min() : schedule.next();
  return due == base::MonoTime::max() ? due : std::max(due, rate_limit.ready_at());
}

void Engine::Impl::send_probe(std::uint32_t slot, base::MonoTime now, base::WallTime now_wall, Actions& actions) {
  const bool placed = find_place(slot);
  const base::MonoTime due = count_slips(slot, now, now_wall, actions);
  schedule.insert(slot, due + targets[slot].options().interval, now);

  const auto id = placed ? probes.allocate() : std::nullopt;
  if (id) return request(slot, *id, due, now, actions);
  fail_for_want_of_memory(slot, due, now_wall, actions);
}

/// Passes over the numbers whose place in the window a probe still holds. That is one of which no outcome may be told,
/// since packets that came before its timeout are unread, while the numbers went once around: however few there are,
/// each would hold up every probe of its place. False: the window is full, or too much of it in a row.
bool Engine::Impl::find_place(std::uint32_t slot) {
  Target& target = targets[slot];
  if (target.record->own_in_flight() >= target.window.capacity()) return false;
  if constexpr (kCanary == Canary::kSpareNumber) target.next = wire::Sequence(target.next.value() + 1);
  for (std::size_t passed = 0; holds_place(slot, target.next); ++passed) {
    if (passed == base::kMostPassedOver) return false;
    target.next = wire::Sequence(target.next.value() + 1);
  }
  return true;
}

bool Engine::Impl::holds_place(std::uint32_t slot, wire::Sequence sequence) {
  const auto holder = targets[slot].window.occupant(sequence);
  const Probe* const held = holder ? probes.find(*holder) : nullptr;
  return held != nullptr && held->live() && held->target == slot;
}

void Engine::Impl::fail_for_want_of_memory(std::uint32_t slot, base::MonoTime due, base::WallTime now_wall,
                                           Actions& actions) {
  Target& target = targets[slot];
  Outcome outcome;
  outcome.target = TargetSlot(slot);
  outcome.sequence = target.next;
  outcome.kind = OutcomeKind::kSendFailed;
  outcome.send_failure = wire::SendFailure::kNoBuffer;
  outcome.due = due;
  target.next = wire::Sequence(target.next.value() + 1);
  bump(numbers.send_errors[static_cast<std::size_t>(wire::SendFailure::kNoBuffer)]);
  count_outcome(target, outcome, {.was_in_flight = false}, now_wall, actions);
}

/// Counts the due times that were missed because the next one came, and gives the one that is due now.
base::MonoTime Engine::Impl::count_slips(std::uint32_t slot, base::MonoTime now, base::WallTime now_wall,
                                         Actions& actions) {
  Target& target = targets[slot];
  const base::MonoTime due = target.timer.at;
  const base::Duration interval = target.options().interval;
  const std::int64_t missed = (now - due) / interval;
  if (missed <= 0) return due;
  if constexpr (kCanary == Canary::kSilentSlip) return due + missed * interval;
  Outcome slipped;
  slipped.target = TargetSlot(slot);
  slipped.sequence = target.next;
  slipped.kind = OutcomeKind::kSlipped;
  slipped.due = due;
  slipped.count = static_cast<std::uint64_t>(missed);
  count_outcome(target, slipped, {.was_in_flight = false}, now_wall, actions);
  return due + missed * interval;
}

void Engine::Impl::request(std::uint32_t slot, wire::ProbeId id, base::MonoTime due, base::MonoTime now,
                           Actions& actions) {
  Target& target = targets[slot];
  const wire::Sequence sequence = target.next;
  target.next = wire::Sequence(sequence.value() + 1);
  target.window.put(sequence, id);

  Probe& probe = *probes.find(id);
  probe.due = due;
  probe.sent = now;
  probe.target = slot;
  probe.sequence = static_cast<std::uint32_t>(sequence.value());
  probe.data_size = target.options().size;

  const TargetPlan& plan = *target.plan;
  actions.sends.push_back({id, plan.address, identifier_for(plan.address), to_wire(sequence),
                           wire::make_tag(config.key, id, sequence, plan.address), target.options().size,
                           &plan.packet});
  rate_limit.take();
  count_sent(target);
}

wire::Identifier Engine::Impl::identifier_for(const base::IpAddress& address) const {
  return address.is_v4() ? config.identifier_v4 : config.identifier_v6;
}

void Engine::Impl::accepted(Probe& probe, const wire::TxResult& result) {
  const bool echo = is_echo(probe.target);
  if (!echo) numbers.send_lateness.add(result.at - probe.due);
  if (probe.state != Probe::State::kRequested) return;  // its reply was fed before
  probe.state = Probe::State::kInFlight;
  probe.sent = result.at;
  const base::Duration timeout =
      echo ? echoes[echo_slot(probe.target)].request.timeout : targets[probe.target].options().timeout;
  expiries.insert(InFlightPool::slot_of(result.probe), probe.sent + timeout, result.at);
}

void Engine::Impl::refused(Probe& probe, const wire::TxResult& result, base::WallTime now_wall, Actions& actions) {
  // In flight where a system finds out later that it can't send what it had accepted.
  if (probe.state != Probe::State::kRequested && probe.state != Probe::State::kInFlight) return;
  bump(numbers.send_errors[static_cast<std::size_t>(result.failure)]);
  Outcome outcome;
  outcome.kind = OutcomeKind::kSendFailed;
  outcome.send_failure = result.failure;
  end(result.probe, outcome, {}, now_wall, actions);
}

void Engine::Impl::stamped(Probe& probe, const wire::TxResult& result, base::WallTime now_wall, Actions& actions) {
  probe.tx_stamp = result.stamp;
  if (!stamp_doubts.empty()) believe_stamps(probe);
  if (probe.state != Probe::State::kWaiting) return;
  WaitingReply& reply = waiting[probe.reply_waiting];
  settle(reply, now_wall, actions);
  reply.probe.reset();
}

}  // namespace sounder::probe
