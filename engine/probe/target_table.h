/// The engine's own view of its targets.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

#include "engine/probe/address_index.h"
#include "engine/probe/chunked_store.h"
#include "engine/probe/engine.h"
#include "engine/probe/sequence_window.h"
#include "engine/probe/target_record.h"
#include "engine/probe/timing_wheel.h"

namespace sounder::probe {

/// One target: what to probe, the next due time, the sequence numbers, and what its state depends on.
struct Target {
  TimerLink timer;  ///< next due time
  TargetRecord* record = nullptr;
  std::unique_ptr<TargetPlan> plan;
  SequenceWindow window;
  wire::Sequence next;            ///< of the next probe
  std::uint64_t replied_below{};  ///< one more than the highest number that was replied to
  std::uint64_t lost_below{};     ///< one more than the highest number that was lost
  std::uint32_t first{};          ///< number of the first probe
  std::uint32_t replies_in_row{};
  std::uint32_t unsent_in_row{};  ///< probes that did not leave this host, since one last did
  bool cut_off = false;           ///< the paths, not a failed send, have made it unreachable
  /// Outcomes of due times before this say nothing of the way to the target: since then it was lost, or came back.
  base::MonoTime judged_at = base::MonoTime::min();

  [[nodiscard]] const ProbeOptions& options() const { return *plan->options; }
  /// The whole number of which `low` is the low half; it must be of a probe that was sent.
  [[nodiscard]] wire::Sequence widen(std::uint32_t low) const {
    return wire::Sequence(next.value() - static_cast<std::uint32_t>(static_cast<std::uint32_t>(next.value()) - low));
  }
  [[nodiscard]] bool was_sent(wire::Sequence sequence) const { return sequence.value() >= first && sequence < next; }
};

/// Same bytes, and where both have a scope, the same.
[[nodiscard]] bool same_address(const base::IpAddress& a, const base::IpAddress& b);

/// Targets by slot and by address. Its memory comes by adopted chunks.
class TargetTable {
 public:
  using Store = ChunkedStore<Target, 10>;

  TargetTable(std::size_t max_targets, const base::SipKey& key) : targets_(max_targets), index_(max_targets, key) {}

  void adopt(Store::Chunk chunk);
  [[nodiscard]] std::size_t size() const { return used_; }
  /// Slots that have memory; those without a target have no record.
  [[nodiscard]] std::uint32_t places() const { return static_cast<std::uint32_t>(targets_.size()); }

  [[nodiscard]] Target& operator[](std::uint32_t slot) { return targets_[slot]; }
  [[nodiscard]] TimerLink& timer(std::uint32_t slot) { return targets_[slot].timer; }

  /// A place for a new target; there must be one (Engine::prepare).
  [[nodiscard]] std::uint32_t add(TargetRecord& record, std::unique_ptr<TargetPlan> plan);
  /// Gives the plan back; the slot may be used anew.
  [[nodiscard]] std::unique_ptr<TargetPlan> remove(std::uint32_t slot);
  /// Swaps the plan of a target.
  void replace_plan(std::uint32_t slot, std::unique_ptr<TargetPlan>& plan);

  /// Calls `visit(slot, target)` for each target of the address until it returns true.
  template <class Visit>
  void find(const base::IpAddress& address, Visit visit) {
    index_.find(address, [&](std::uint32_t slot) {
      Target& target = targets_[slot];
      return same_address(target.plan->address, address) && visit(slot, target);
    });
  }

 private:
  Store targets_;
  AddressIndex index_;
  std::size_t used_ = 0;
  std::uint32_t first_free_ = TimerLink::kNone;  ///< a list through the timers' `prev`
};

}  // namespace sounder::probe
