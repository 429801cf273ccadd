/// What is going to happen, in order of time; at one moment, in the order in which it was scheduled.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "engine/base/time.h"

namespace sounder::sim {

/// Something that acts when its time has come.
class Actor {
 public:
  Actor() = default;
  Actor(const Actor&) = delete;
  Actor& operator=(const Actor&) = delete;
  virtual ~Actor() = default;
  /// `token` is what schedule() was given.
  virtual void act(std::uint64_t token) = 0;
};

class EventQueue {
 public:
  struct Event {
    base::MonoTime at{};
    std::uint64_t order = 0;
    Actor* actor = nullptr;
    std::uint64_t token = 0;
  };

  void schedule(base::MonoTime at, Actor& actor, std::uint64_t token) {
    heap_.push_back({at, next_order_++, &actor, token});
    std::push_heap(heap_.begin(), heap_.end(), later);
  }
  [[nodiscard]] base::MonoTime next() const { return heap_.empty() ? base::MonoTime::max() : heap_.front().at; }
  [[nodiscard]] Event pop() {
    std::pop_heap(heap_.begin(), heap_.end(), later);
    const Event event = heap_.back();
    heap_.pop_back();
    return event;
  }

 private:
  static bool later(const Event& a, const Event& b) { return a.at != b.at ? a.at > b.at : a.order > b.order; }

  std::vector<Event> heap_;
  std::uint64_t next_order_ = 0;
};

}  // namespace sounder::sim
