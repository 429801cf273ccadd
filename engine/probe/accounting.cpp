#include "engine/probe/accounting.h"

#include <algorithm>
#include <limits>

#include "engine/probe/canary.h"

namespace sounder::probe {
namespace {

Reason reason_of(const Outcome& outcome, const Cause& cause) {
  switch (outcome.kind) {
    case OutcomeKind::kReply:
      return Reason::kNone;
    case OutcomeKind::kTimeout:
      return cause.no_neighbour ? Reason::kNoNeighbour : Reason::kTimeout;
    case OutcomeKind::kIcmpError:
      return to_reason(outcome.icmp_error->family, outcome.icmp_error->type, outcome.icmp_error->code);
    case OutcomeKind::kLocalDrop:
      return Reason::kLocalDrop;
    case OutcomeKind::kSendFailed:
      return Reason::kSendFailed;
    case OutcomeKind::kSlipped:
      return Reason::kSlipped;
  }
  return Reason::kNone;
}

/// Silence and our own faults prove nothing about the way to the target.
bool proves_nothing(Reason reason) {
  return reason == Reason::kTimeout || reason == Reason::kSlipped || reason == Reason::kLocalDrop;
}

/// Routers limit the rate of their errors, so that the probes of one dead target end in an error now and in silence
/// then: what an ICMP error said stands until something else is said.
bool replaces(Reason next, Reason current) {
  const bool said = current != Reason::kNone && current != Reason::kSendFailed && !proves_nothing(current);
  return !(said && proves_nothing(next));
}

/// A target's numbers in the course of one outcome.
class Judge {
 public:
  Judge(Target& target, const Outcome& outcome, base::WallTime now, Actions& actions)
      : target_(target), outcome_(outcome), now_(now), actions_(actions), update_(*target.record) {}

  void count(const Cause& cause) {
    if (cause.was_in_flight) {
      update_.ended(outcome_.kind);
    } else {
      update_.due(outcome_.count);
      update_.outcome(outcome_.kind, outcome_.count);
    }
    if (outcome_.icmp_error) update_.icmp_error(outcome_.icmp_error->type, outcome_.icmp_error->code);
    if (outcome_.kind == OutcomeKind::kReply) {
      reply();
    } else {
      loss(reason_of(outcome_, cause));
    }
  }

 private:
  void reply() {
    const std::uint64_t number = outcome_.sequence.value();
    update_.round_trip(outcome_.rtt.time, target_.options().buckets);
    if (outcome_.ttl) update_.reply_ttl(*outcome_.ttl);
    if (number < target_.lost_below) return;  // later ones were lost already: the row goes on
    update_.consecutive_losses(0);
    if (target_.replies_in_row < std::numeric_limits<std::uint32_t>::max()) ++target_.replies_in_row;
    const TargetState state = target_.record->own_state();
    if (state != TargetState::kUp && target_.replies_in_row >= target_.options().up_after) become(TargetState::kUp);
  }

  void loss(Reason reason) {
    const bool slip = outcome_.kind == OutcomeKind::kSlipped;
    const std::uint64_t below = outcome_.sequence.value() + (slip ? 0 : 1);  // a slip used no number
    if (below < target_.replied_below) return;                               // a later one was replied to
    target_.lost_below = std::max(target_.lost_below, below);
    target_.replies_in_row = 0;
    const std::uint64_t losses = target_.record->own_consecutive_losses() + outcome_.count;
    const auto row =
        static_cast<std::uint32_t>(std::min<std::uint64_t>(losses, std::numeric_limits<std::uint32_t>::max()));
    update_.consecutive_losses(row);
    const bool falls = target_.record->own_state() != TargetState::kDown && row >= target_.options().down_after;
    blame(reason, row == outcome_.count);
    if (falls) become(TargetState::kDown);
  }

  /// While the target is up, the reason of its losses is only kept for the day that it goes down.
  void blame(Reason reason, bool first_of_row) {
    if (!first_of_row && !replaces(reason, target_.record->own_reason())) return;
    if (outcome_.icmp_error) {
      update_.reason(reason, outcome_.icmp_error->reporter);
    } else {
      update_.reason(reason, std::nullopt);
    }
  }

  void become(TargetState state) {
    if (state == TargetState::kUp) update_.reason(Reason::kNone, std::nullopt);
    update_.state(state, now_);
    actions_.changes.push_back({outcome_.target, state, target_.record->own_reason(), target_.record->own_reporter()});
  }

  Target& target_;
  const Outcome& outcome_;
  base::WallTime now_;
  Actions& actions_;
  RecordUpdate update_;
};

}  // namespace

void count_sent(Target& target) {
  RecordUpdate update(*target.record);
  update.due(1);
  update.sent();
}

void count_outcome(Target& target, const Outcome& outcome, const Cause& cause, base::WallTime now, Actions& actions) {
  Judge(target, outcome, now, actions).count(cause);
  actions.outcomes.push_back(outcome);
}

void count_order(Target& target, wire::Sequence sequence) {
  if (sequence.value() < target.replied_below) RecordUpdate(*target.record).reordered();
  target.replied_below = std::max(target.replied_below, sequence.value() + 1);
}

void count_stray(Target& target, const StrayReply& stray, Actions& actions) {
  RecordUpdate(*target.record).stray(stray.kind);
  if constexpr (kCanary == Canary::kDuplicateTwice) {
    if (stray.kind == StrayKind::kDuplicate) RecordUpdate(*target.record).stray(stray.kind);
  }
  actions.strays.push_back(stray);
}

void note_no_neighbour(Target& target) {
  if (target.record->own_consecutive_losses() == 0) return;
  RecordUpdate(*target.record).reason(Reason::kNoNeighbour, std::nullopt);
}

}  // namespace sounder::probe
