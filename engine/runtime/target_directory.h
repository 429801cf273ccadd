/// Which target an event is about: the engine names a slot, people want a name.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <variant>
#include <vector>

#include "engine/probe/engine.h"
#include "engine/probe/events.h"
#include "engine/probe/snapshot.h"

namespace sounder::runtime {

/// Events with the target that they are about. Empty functions are not called.
struct TargetEvents {
  std::function<void(const std::shared_ptr<const probe::TargetInfo>&, const probe::Outcome&)> outcome;
  /// So many outcomes were left out before the next, nobody knows whose.
  std::function<void(std::uint64_t)> outcomes_lost;
  /// The target is null where none can be named.
  std::function<void(const probe::TargetInfo*, const probe::StrayReply&)> stray;
  std::function<void(const probe::TargetInfo&, const probe::StateChange&)> change;
};

/// Service thread. Slots become known when their delta has come back; events that came before wait for it.
class TargetDirectory {
 public:
  explicit TargetDirectory(TargetEvents events) : events_(std::move(events)) {}

  /// A delta is with the engine: unknown slots may be targets of it.
  void expect() { expecting_ = true; }
  void set(probe::TargetSlot slot, std::shared_ptr<const probe::TargetInfo> info);
  void erase(probe::TargetSlot slot);
  /// The delta has come back and its slots are set: hands out what waited for it.
  void settle();

  /// No event is handed out afterwards.
  void stop() { stopped_ = true; }

  void on_outcome(const probe::Outcome& outcome);
  void on_outcomes_lost(std::uint64_t count);
  void on_stray(const probe::StrayReply& stray);
  void on_change(const probe::StateChange& change);

  /// Null where none is known of that slot.
  [[nodiscard]] const probe::TargetInfo* find(probe::TargetSlot slot) const;

 private:
  /// Events that wait for their delta; more are dropped, which only a large reload under load can cause. Outcomes are
  /// then said to be lost.
  static constexpr std::size_t kWaiting = 4096;
  using Event = std::variant<probe::Outcome, probe::StrayReply, probe::StateChange>;

  bool put_aside(const Event& event);

  TargetEvents events_;
  std::vector<std::shared_ptr<const probe::TargetInfo>> by_slot_;
  std::deque<Event> waiting_;
  bool expecting_ = false;
  bool stopped_ = false;
};

}  // namespace sounder::runtime
