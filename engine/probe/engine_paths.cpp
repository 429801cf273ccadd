#include <algorithm>

#include "engine/base/limits.h"
#include "engine/probe/engine_impl.h"

namespace sounder::probe {

void Engine::Impl::follow(const net::Paths* new_paths) {
  paths = new_paths;
  judge_next = 0;
  judge_end = targets.places();
  judge_echo_next = 0;
  judge_echo_end = echoes.places();
}

/// Looks at the targets in the light of the new paths, some of them a call, so that a lost link is seen before anything
/// times out and a million targets delay no probe.
void Engine::Impl::judge_some(base::MonoTime now, base::WallTime now_wall, Actions& actions) {
  const std::uint32_t end = std::min(judge_end, judge_next + static_cast<std::uint32_t>(base::kJudgeBatch));
  for (; judge_next < end && actions.has_room(1); ++judge_next) {
    if (targets[judge_next].record != nullptr) judge(judge_next, {now, now_wall}, actions);
  }
  const std::uint32_t echo_end =
      std::min(judge_echo_end, judge_echo_next + static_cast<std::uint32_t>(base::kJudgeBatch));
  for (; judge_echo_next < echo_end; ++judge_echo_next) judge_echo(judge_echo_next);
}

void Engine::Impl::judge(std::uint32_t slot, const Moment& now, Actions& actions) {
  Target& target = targets[slot];
  const net::Path path = probe::path_of(paths, target.plan->address, target.plan->packet);
  judge_path(target, TargetSlot(slot), obstacle_on(path), now, actions);
}

net::Path Engine::Impl::path_of(const Probe& probe) {
  if (is_echo(probe.target)) {
    const EchoRequest& request = echoes[echo_slot(probe.target)].request;
    return probe::path_of(paths, request.address, request.packet);
  }
  const TargetPlan& plan = *targets[probe.target].plan;
  return probe::path_of(paths, plan.address, plan.packet);
}

/// Whether there has been a way all the time since it was sent, as far as its target or echo was judged.
bool Engine::Impl::way_was_open(const Probe& probe) {
  if (is_echo(probe.target)) return !echoes[echo_slot(probe.target)].way_lost;
  return probe.due >= targets[probe.target].judged_at;
}

/// Whether what is known of the probe's TX stamp proves that it never left this host.
bool Engine::Impl::never_left(const Probe& probe) const {
  return config.tx_stamps && probe.tx_stamp == Probe::kNoStamp && probe.sent > stamps_lost_at;
}

/// Accepted by the system, but it never left (design decision 6).
void Engine::Impl::end_unsent(wire::ProbeId id, Evidence evidence, base::WallTime now_wall, Actions& actions) {
  const Probe& probe = *probes.find(id);
  const net::Path path = path_of(probe);
  const bool told = evidence == Evidence::kOwnWord;
  if (path.kind == net::Path::Kind::kUnknown) return time_out(id, {.no_neighbour = told}, now_wall, actions);
  if (!told && stamp_doubts.contains(path.interface)) return time_out(id, {}, now_wall, actions);

  const Reason obstacle = obstacle_on(path);
  // While the probe was waiting, there may have been no way that is there now.
  const bool open = obstacle == Reason::kNone && way_was_open(probe);
  if (path.kind == net::Path::Kind::kOnLink && open) {
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
  const net::Path path = probe::path_of(paths, target.plan->address, target.plan->packet);
  const bool on_link = path.kind == net::Path::Kind::kOnLink && obstacle_on(path) == Reason::kNone;
  if (on_link || path.kind == net::Path::Kind::kUnknown) note_no_neighbour(target);
}

/// A reply without a TX stamp that was not lost: the driver of this path gives none.
void Engine::Impl::doubt_stamps(const Probe& probe) {
  if (!never_left(probe)) return;
  const net::Path path = path_of(probe);
  if (path.kind != net::Path::Kind::kUnknown) stamp_doubts.add(path.interface);
}

/// One that gives stamps after all.
void Engine::Impl::believe_stamps(const Probe& probe) {
  if (stamp_doubts.empty()) return;
  const bool known =
      is_echo(probe.target) || (probe.target < targets.places() && targets[probe.target].record != nullptr);
  if (known) stamp_doubts.remove(path_of(probe).interface);
}

}  // namespace sounder::probe
