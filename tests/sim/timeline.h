/// Virtual time: the clock and what happens as it moves. Nothing in a run waits for anything else.
#pragma once

#include "engine/base/time.h"
#include "tests/sim/event_queue.h"
#include "tests/sim/virtual_clock.h"

namespace sounder::sim {

class Timeline {
 public:
  [[nodiscard]] VirtualClock& clock() { return clock_; }
  [[nodiscard]] const VirtualClock& clock() const { return clock_; }
  [[nodiscard]] base::MonoTime now() const { return clock_.mono_now(); }

  /// A time that has passed means now.
  void schedule(base::MonoTime at, Actor& actor, std::uint64_t token) {
    queue_.schedule(std::max(at, now()), actor, token);
  }
  [[nodiscard]] base::MonoTime next_event() const { return queue_.next(); }

  /// Moves the clock and lets everything on the way happen at its own time.
  void advance_to(base::MonoTime to) {
    while (queue_.next() <= to) {
      const EventQueue::Event event = queue_.pop();
      clock_.advance_to(event.at);
      event.actor->act(event.token);
    }
    clock_.advance_to(to);
  }
  void advance(base::Duration by) { advance_to(now() + by); }

 private:
  VirtualClock clock_;
  EventQueue queue_;
};

}  // namespace sounder::sim
