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
  bool was_in_flight = true;  ///< counted by count_sent(); else the due times are counted here
  bool no_neighbour = false;  ///< of a timeout: our own host says that the target did not answer on the link
};

/// Counts an outcome of `target` once and for ever: numbers, round-trip time, losses in a row, up or down.
void count_outcome(Target& target, const Outcome& outcome, const Cause& cause, base::WallTime now, Actions& actions);

/// Counts a good reply that a later probe's had overtaken (RFC 4737). Once for each reply, in the order in which they
/// arrived: their outcomes may come in another, since some wait for a TX stamp.
void count_order(Target& target, wire::Sequence sequence);

/// Counts a stray reply; it changes nothing else.
void count_stray(Target& target, const StrayReply& stray, Actions& actions);

/// Our own host's late word that the target did not answer on the link: the reason of its losses, if it has any.
void note_no_neighbour(Target& target);

}  // namespace sounder::probe
