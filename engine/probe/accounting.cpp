#include "engine/probe/accounting.h"

#include <algorithm>
#include <limits>

#include "engine/probe/canary.h"
#include "engine/probe/way_out.h"

namespace sounder::probe {
namespace {

/// Silence proves nothing about the way to the target, and routers limit the rate of their errors, so that the probes
/// of one dead target end in an error now and in silence then: what was said stands until something else is said.
bool replaces(Reason next, Reason current) {
  const bool said = current != Reason::kNone && current != Reason::kTimeout;
  return !(said && next == Reason::kTimeout);
}

std::uint32_t one_more(std::uint32_t count) {
  return count == std::numeric_limits<std::uint32_t>::max() ? count : count + 1;
}

/// Changes a target's state, and says so.
class StateWriter {
 public:
  StateWriter(Target& target, TargetSlot slot, base::WallTime now, Actions& actions)
      : update_(*target.record), target_(target), slot_(slot), now_(now), actions_(actions) {}

  [[nodiscard]] RecordUpdate& update() { return update_; }
  [[nodiscard]] TargetState state() const { return target_.record->own_state(); }

  void become(TargetState state) {
    if (state == TargetState::kUp || state == TargetState::kUnknown) update_.reason(Reason::kNone, std::nullopt);
    update_.state(state, now_);
    actions_.changes.push_back({slot_, state, target_.record->own_reason(), target_.record->own_reporter()});
  }

  /// What was known of the network is void: the rows begin anew when there is a way again.
  void become_unreachable(Reason reason) {
    update_.consecutive_losses(0);
    target_.replies_in_row = 0;
    update_.reason(reason, std::nullopt);
    if (state() != TargetState::kUnreachable) become(TargetState::kUnreachable);
  }

 private:
  RecordUpdate update_;
  Target& target_;
  TargetSlot slot_;
  base::WallTime now_;
  Actions& actions_;
};

/// A target's numbers in the course of one outcome.
class Judge {
 public:
  Judge(Target& target, const Outcome& outcome, base::WallTime now, Actions& actions)
      : target_(target), outcome_(outcome), writer_(target, outcome.target, now, actions), update_(writer_.update()) {}

  void count(const Cause& cause) {
    if (cause.was_in_flight) {
      update_.ended(outcome_.kind);
    } else {
      update_.due(outcome_.count);
      update_.outcome(outcome_.kind, outcome_.count);
    }
    if (outcome_.icmp_error) update_.icmp_error(outcome_.icmp_error->type, outcome_.icmp_error->code);
    switch (outcome_.kind) {
      case OutcomeKind::kReply:
        return reply();
      case OutcomeKind::kTimeout:
      case OutcomeKind::kIcmpError:
        return loss(reason_of(outcome_, cause));
      case OutcomeKind::kSendFailed:
        return unsent(cause.obstacle);
      case OutcomeKind::kLocalDrop:
      case OutcomeKind::kSlipped:
        return;
    }
  }

 private:
  [[nodiscard]] bool is_old_news() const { return outcome_.due < target_.judged_at; }
  /// A later probe was replied to.
  [[nodiscard]] bool is_overtaken() const { return outcome_.sequence.value() + 1 < target_.replied_below; }

  void reply() {
    update_.round_trip(outcome_.rtt.time, target_.options().buckets);
    if (outcome_.ttl) update_.reply_ttl(*outcome_.ttl);
    if (outcome_.sequence.value() < target_.lost_below || is_old_news()) return;  // lost already: the row goes on
    left_this_host();
    update_.consecutive_losses(0);
    target_.replies_in_row = one_more(target_.replies_in_row);
    const TargetState state = writer_.state();
    if (state != TargetState::kUp && target_.replies_in_row >= target_.options().up_after) {
      writer_.become(TargetState::kUp);
    } else if (state == TargetState::kUnreachable) {
      writer_.become(TargetState::kUnknown);
    }
  }

  void loss(Reason reason) {
    if (is_overtaken()) return;
    target_.lost_below = std::max(target_.lost_below, outcome_.sequence.value() + 1);
    if (is_old_news()) return;
    left_this_host();
    target_.replies_in_row = 0;
    const std::uint32_t row = one_more(target_.record->own_consecutive_losses());
    update_.consecutive_losses(row);
    const bool falls = row >= target_.options().down_after;
    if (writer_.state() == TargetState::kUnreachable && !falls) writer_.become(TargetState::kUnknown);
    blame(reason, row == 1);
    if (falls && writer_.state() != TargetState::kDown) writer_.become(TargetState::kDown);
  }

  void left_this_host() {
    target_.unsent_in_row = 0;
    target_.cut_off = false;
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

  void unsent(Reason obstacle) {
    if (is_overtaken() || is_old_news()) return;
    target_.unsent_in_row = one_more(target_.unsent_in_row);
    const bool certain = obstacle != Reason::kNone || proves_no_way(outcome_.send_failure);
    const bool was_unreachable = writer_.state() == TargetState::kUnreachable;
    if (!certain && !was_unreachable && target_.unsent_in_row < target_.options().down_after) return;
    target_.judged_at = outcome_.due;
    if (target_.cut_off) return;  // the paths have told why
    target_.cut_off = obstacle != Reason::kNone;
    writer_.become_unreachable(target_.cut_off ? obstacle : to_reason(outcome_.send_failure));
  }

  Target& target_;
  const Outcome& outcome_;
  StateWriter writer_;
  RecordUpdate& update_;
};

}  // namespace

Reason reason_of(const Outcome& outcome, const Cause& cause) {
  switch (outcome.kind) {
    case OutcomeKind::kTimeout:
      return cause.no_neighbour ? Reason::kNoNeighbour : Reason::kTimeout;
    case OutcomeKind::kIcmpError:
      return to_reason(outcome.icmp_error->family, outcome.icmp_error->type, outcome.icmp_error->code);
    case OutcomeKind::kSendFailed:
      return cause.obstacle != Reason::kNone ? cause.obstacle : to_reason(outcome.send_failure);
    case OutcomeKind::kReply:
    case OutcomeKind::kLocalDrop:
    case OutcomeKind::kSlipped:
      return Reason::kNone;
  }
  return Reason::kNone;
}

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

void judge_path(Target& target, TargetSlot slot, Reason obstacle, const Moment& now, Actions& actions) {
  const bool blocked = obstacle != Reason::kNone;
  const bool same_word = blocked && target.record->own_reason() == obstacle;
  if (blocked ? target.cut_off && same_word : !target.cut_off) return;
  target.cut_off = blocked;
  target.judged_at = now.mono;
  target.unsent_in_row = 0;
  StateWriter writer(target, slot, now.wall, actions);
  if (blocked) {
    writer.become_unreachable(obstacle);
  } else if (writer.state() == TargetState::kUnreachable) {
    writer.become(TargetState::kUnknown);
  }
}

void note_no_neighbour(Target& target) {
  if (target.record->own_consecutive_losses() == 0) return;
  RecordUpdate(*target.record).reason(Reason::kNoNeighbour, std::nullopt);
}

}  // namespace sounder::probe
