/// From an outcome to a target's numbers and state, and to the events that say so.
#pragma once

#include <optional>

#include "engine/base/time.h"
#include "engine/probe/engine.h"
#include "engine/probe/events.h"
#include "engine/probe/target_table.h"

namespace sounder::probe {

/// Counts a due time at which a probe leaves.
void count_sent(Target& target);

/// How an outcome came about, where the outcome alone does not tell.
struct Cause {
  bool was_in_flight = true;        ///< counted by count_sent(); else the due times are counted here
  bool no_neighbour = false;        ///< of a timeout: our own host says that the target did not answer on the link
  Reason obstacle = Reason::kNone;  ///< of a failed send: what the paths say that stood in its way
};

/// What the outcome says in an operator's words; kNone of those that say nothing.
[[nodiscard]] Reason reason_of(const Outcome& outcome, const Cause& cause);

/// Counts an outcome of `target` once and for ever: numbers, round-trip time, losses in a row, state.
///
/// Only what the network did makes a target go up or down. What this host failed to do says nothing of the target: a
/// slip and a local drop change no state; a failed send makes it unreachable, at once if it proves that there is no way
/// out, else when `down_after` of them came in a row. What a probe tells that was due before that is old news.
void count_outcome(Target& target, const Outcome& outcome, const Cause& cause, base::WallTime now, Actions& actions);

/// Counts a good reply that a later probe's had overtaken (RFC 4737). Once for each reply, in the order in which they
/// arrived: their outcomes may come in another, since some wait for a TX stamp.
void count_order(Target& target, wire::Sequence sequence);

/// Counts a stray reply; it changes nothing else.
void count_stray(Target& target, const StrayReply& stray, Actions& actions);

/// When something was judged, on both clocks.
struct Moment {
  base::MonoTime mono{};
  base::WallTime wall{};
};

/// Holds a target's state against what the paths say now: `obstacle` is why no probe can leave, kNone if one can (or
/// nothing is known). A target whose way is back is in the state kUnknown until the next outcome.
void judge_path(Target& target, TargetSlot slot, Reason obstacle, const Moment& now, Actions& actions);

/// Our own host's late word that the target did not answer on the link: the reason of its losses, if it has any.
void note_no_neighbour(Target& target);

}  // namespace sounder::probe
