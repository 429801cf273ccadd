#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <span>
#include <utility>

#include "engine/base/check.h"
#include "engine/base/limits.h"
#include "engine/base/siphash.h"
#include "engine/probe/canary.h"
#include "engine/probe/engine_impl.h"

namespace sounder::probe {
namespace {

/// Random for each target and run (design decision 4): two targets of one address are told apart by it.
std::uint32_t first_sequence(std::uint64_t seed, std::uint64_t phase_hash, std::uint32_t slot) {
  const std::array<std::uint64_t, 2> identity{phase_hash, slot};
  return static_cast<std::uint32_t>(base::siphash({seed, ~seed}, std::as_bytes(std::span(identity))) & 0xffffU);
}

}  // namespace

void Engine::Impl::apply(TargetDelta& delta, base::MonoTime now, Actions& actions) {
  SOUNDER_CHECK(delta.memory != nullptr);  // else prepare() was forgotten
  for (auto& chunk : delta.memory->targets) {
    if (chunk) targets.adopt(std::move(chunk));
  }
  for (auto& chunk : delta.memory->probes) {
    if (chunk) probes.adopt(std::move(chunk));
  }
  // Before any reading of the clocks there was no cycle, and so no network to judge by.
  const std::optional<base::WallTime> wall = clock_watch.wall_at(now);
  const auto judged = [&](std::uint32_t slot) {
    if (paths != nullptr && wall) judge(slot, {now, *wall}, actions);
  };
  const std::size_t end = std::min(delta.changes.size(), delta.applied + base::kDeltaBatch);
  for (; delta.applied < end; ++delta.applied) {
    TargetChange& change = delta.changes[delta.applied];
    switch (change.kind) {
      case TargetChange::Kind::kAdd:
        judged(add(change, now));
        break;
      case TargetChange::Kind::kUpdate:
        judged(update(change, now));
        break;
      case TargetChange::Kind::kRemove:
        remove(change);
        break;
    }
  }
}

/// The first point of the target's grid that is not before `now`. The grid is one of absolute time, so that a target
/// keeps its phase over a reload, and targets of one interval stay out of step.
base::MonoTime Engine::Impl::first_due(const Target& target, base::MonoTime now) const {
  const base::Duration interval = target.options().interval;
  const base::Duration phase(
      static_cast<std::int64_t>(target.plan->phase_hash % static_cast<std::uint64_t>(interval.count())));
  const base::Duration since = (now.time_since_epoch() - phase) % interval;
  if (since == base::Duration::zero()) return now;
  return now - since + (since > base::Duration::zero() ? interval : base::Duration::zero());
}

std::uint32_t Engine::Impl::add(TargetChange& change, base::MonoTime now) {
  const std::uint32_t slot = targets.add(*change.record, std::move(change.plan));
  Target& target = targets[slot];
  std::swap(target.window, change.window);
  target.first = first_sequence(config.seed, target.plan->phase_hash, slot);
  target.next = wire::Sequence(target.first);
  target.replied_below = 0;
  target.lost_below = 0;
  target.replies_in_row = 0;
  target.unsent_in_row = 0;
  target.judged_at = base::MonoTime::min();
  target.cut_off = false;
  longest_timeout = std::max(longest_timeout, target.options().timeout);
  schedule.insert(slot, first_due(target, now), now);
  return slot;
}

std::uint32_t Engine::Impl::update(TargetChange& change, base::MonoTime now) {
  const std::uint32_t slot = change.record->slot().value();
  Target& target = targets[slot];
  SOUNDER_CHECK(target.record == change.record.get());
  targets.replace_plan(slot, change.plan);
  change.window.take_over(target.window, [&](wire::ProbeId id) {
    const Probe* const probe = probes.find(id);
    const bool known = probe != nullptr && probe->target == slot;
    return known ? std::optional(target.widen(probe->sequence)) : std::nullopt;
  });
  std::swap(target.window, change.window);
  if (change.replacement) {
    RecordUpdate(*change.replacement).take_over(*change.record);
    target.record = change.replacement.get();
  }
  longest_timeout = std::max(longest_timeout, target.options().timeout);
  const bool same_grid =
      change.plan->options->interval == target.options().interval && change.plan->phase_hash == target.plan->phase_hash;
  if (same_grid) return slot;
  schedule.remove(slot);
  schedule.insert(slot, first_due(target, now), now);
  return slot;
}

void Engine::Impl::remove(TargetChange& change) {
  const std::uint32_t slot = change.record->slot().value();
  Target& target = targets[slot];
  SOUNDER_CHECK(target.record == change.record.get());
  forget_probes(slot);
  schedule.remove(slot);
  std::swap(target.window, change.window);
  change.plan = targets.remove(slot);
}

/// The outcomes of a removed target's probes go with its record: nothing is to remember them, or be credited to whoever
/// gets the slot.
void Engine::Impl::forget_probes(std::uint32_t slot) {
  const Target& target = targets[slot];
  const std::uint64_t sent = target.next.value() - target.first;
  const std::uint64_t oldest = target.next.value() - std::min<std::uint64_t>(sent, target.window.capacity());
  for (std::uint64_t number = oldest; number < target.next.value(); ++number) {
    const auto id = target.window.occupant(wire::Sequence(number));
    Probe* const probe = id ? probes.find(*id) : nullptr;
    if (probe == nullptr || probe->target != slot) continue;
    if (!probe->live()) {
      probe->state = Probe::State::kNever;
      continue;
    }
    if (expiries.contains(InFlightPool::slot_of(*id))) expiries.remove(InFlightPool::slot_of(*id));
    if constexpr (kCanary == Canary::kLostSlot) {
      probe->state = Probe::State::kNever;
    } else {
      probes.release(*id, Probe::State::kNever);
    }
  }
}

}  // namespace sounder::probe
