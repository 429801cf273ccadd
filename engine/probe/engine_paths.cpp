#include <algorithm>

#include "engine/base/limits.h"
#include "engine/probe/engine_impl.h"

namespace sounder::probe {

void Engine::Impl::follow(const net::Paths* new_paths) {
  paths = new_paths;
  judge_next = 0;
  judge_end = targets.places();
}

/// Looks at the targets in the light of the new paths, some of them a call, so that a lost link is seen before anything
/// times out and a million targets delay no probe.
void Engine::Impl::judge_some(base::MonoTime now, base::WallTime now_wall, Actions& actions) {
  const std::uint32_t end = std::min(judge_end, judge_next + static_cast<std::uint32_t>(base::kJudgeBatch));
  for (; judge_next < end && actions.has_room(1); ++judge_next) {
    if (targets[judge_next].record != nullptr) judge(judge_next, {now, now_wall}, actions);
  }
}

void Engine::Impl::judge(std::uint32_t slot, const Moment& now, Actions& actions) {
  Target& target = targets[slot];
  judge_path(target, TargetSlot(slot), obstacle_on(path_of(paths, *target.plan)), now, actions);
}

/// Whether what is known of the probe's TX stamp proves that it never left this host.
bool Engine::Impl::never_left(const Probe& probe) const {
  return config.tx_stamps && probe.tx_stamp == Probe::kNoStamp && probe.sent > stamps_lost_at;
}

/// Accepted by the system, but it never left (design decision 6).
void Engine::Impl::end_unsent(wire::ProbeId id, Evidence evidence, base::WallTime now_wall, Actions& actions) {
  const Probe& probe = *probes.find(id);
  const Target& target = targets[probe.target];
  const net::Path path = path_of(paths, *target.plan);
  const bool told = evidence == Evidence::kOwnWord;
  if (path.kind == net::Path::Kind::kUnknown) return time_out(id, {.no_neighbour = told}, now_wall, actions);
  if (!told && stamp_doubts.contains(path.interface)) return time_out(id, {}, now_wall, actions);

  const Reason obstacle = obstacle_on(path);
  // While the probe was waiting, there may have been no way that is there now.
  const bool way_was_open = obstacle == Reason::kNone && probe.due >= target.judged_at;
  if (path.kind == net::Path::Kind::kOnLink && way_was_open) {
    return time_out(id, {.no_neighbour = true}, now_wall, actions);
  }
  bump(numbers.send_errors[static_cast<std::size_t>(wire::SendFailure::kNotSent)]);
  Outcome outcome;
  outcome.kind = OutcomeKind::kSendFailed;
  outcome.send_failure = wire::SendFailure::kNotSent;
  end(id, outcome, {.obstacle = obstacle}, now_wall, actions);
}

/// Our own host's word about a probe that has ended already.
void Engine::Impl::late_own_word(Target& target) {
  const net::Path path = path_of(paths, *target.plan);
  const bool on_link = path.kind == net::Path::Kind::kOnLink && obstacle_on(path) == Reason::kNone;
  if (on_link || path.kind == net::Path::Kind::kUnknown) note_no_neighbour(target);
}

/// A reply without a TX stamp that was not lost: the driver of this path gives none.
void Engine::Impl::doubt_stamps(const Probe& probe) {
  if (!never_left(probe)) return;
  const net::Path path = path_of(paths, *targets[probe.target].plan);
  if (path.kind != net::Path::Kind::kUnknown) stamp_doubts.add(path.interface);
}

/// One that gives stamps after all.
void Engine::Impl::believe_stamps(const Probe& probe) {
  if (stamp_doubts.empty() || probe.target >= targets.places()) return;
  const Target& target = targets[probe.target];
  if (target.record != nullptr) stamp_doubts.remove(path_of(paths, *target.plan).interface);
}

}  // namespace sounder::probe
