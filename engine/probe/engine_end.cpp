#include "engine/base/limits.h"
#include "engine/probe/engine_impl.h"

namespace sounder::probe {

/// `drained`: whatever arrived before it has been fed, so that no reply can be pending for what expires here.
void Engine::Impl::expire(base::MonoTime drained, base::WallTime now_wall, Actions& actions) {
  for (std::size_t i = 0; i < base::kExpiryBatch && actions.has_room(1); ++i) {
    const auto slot = expiries.pop(drained);
    if (!slot) {
      overflows.forget_before(drained - longest_timeout);
      return;
    }
    const wire::ProbeId id = probes.id_of(*slot);
    if (never_left(probes.at(*slot))) {
      end_unsent(id, Evidence::kNoStamp, now_wall, actions);
    } else {
      time_out(id, {}, now_wall, actions);
    }
  }
}

void Engine::Impl::time_out(wire::ProbeId id, const Cause& cause, base::WallTime now_wall, Actions& actions) {
  Outcome outcome;
  const bool excused = !cause.no_neighbour && !overflows.empty() && overflows.excuse(probes.find(id)->sent);
  outcome.kind = excused ? OutcomeKind::kLocalDrop : OutcomeKind::kTimeout;
  end(id, outcome, cause, now_wall, actions);
}

void Engine::Impl::end(wire::ProbeId id, Outcome outcome, const Cause& cause, base::WallTime now_wall,
                       Actions& actions) {
  const Probe& probe = *probes.find(id);
  if (expiries.contains(InFlightPool::slot_of(id))) expiries.remove(InFlightPool::slot_of(id));
  const auto ended = outcome.kind == OutcomeKind::kReply ? Probe::State::kReplied : Probe::State::kUnanswered;
  if (is_echo(probe.target)) {
    end_echo(echo_slot(probe.target), outcome, reason_of(outcome, cause), actions);
    return probes.release(id, ended);
  }
  Target& target = targets[probe.target];
  outcome.target = TargetSlot(probe.target);
  outcome.sequence = target.widen(probe.sequence);
  outcome.due = probe.due;
  count_outcome(target, outcome, cause, now_wall, actions);
  probes.release(id, ended);
}

}  // namespace sounder::probe
