#include "engine/probe/in_flight_pool.h"

#include "engine/base/check.h"

namespace sounder::probe {

// The free list runs through the timer's `prev`: a probe in no wheel needs no neighbours, and the wheel tells
// membership by `next`.
void InFlightPool::append_free(std::uint32_t slot) {
  probes_[slot].timer.prev = TimerLink::kNone;
  if (first_free_ == TimerLink::kNone) {
    first_free_ = slot;
  } else {
    probes_[last_free_].timer.prev = slot;
  }
  last_free_ = slot;
}

void InFlightPool::adopt(Store::Chunk chunk) {
  const auto first = static_cast<std::uint32_t>(probes_.size());
  probes_.adopt(std::move(chunk));
  for (std::uint32_t slot = first; slot < probes_.size(); ++slot) {
    if (slot != kSlotMask) append_free(slot);  // so that a name of all ones is nobody's (sequence_window.cpp)
  }
}

std::optional<wire::ProbeId> InFlightPool::allocate() {
  if (first_free_ == TimerLink::kNone) return std::nullopt;
  const std::uint32_t slot = first_free_;
  Probe& probe = probes_[slot];
  first_free_ = probe.timer.prev;
  probe.timer = TimerLink{};
  probe.tx_stamp = Probe::kNoStamp;
  probe.state = Probe::State::kRequested;
  ++probe.generation;
  ++in_use_;
  return id_of(slot);
}

void InFlightPool::release(wire::ProbeId id, Probe::State ended) {
  Probe* const probe = find(id);
  SOUNDER_CHECK(probe != nullptr && probe->live());
  probe->state = ended;
  append_free(slot_of(id));
  --in_use_;
}

Probe* InFlightPool::find(wire::ProbeId id) {
  const std::uint32_t slot = slot_of(id);
  if (slot >= probes_.size()) return nullptr;
  Probe& probe = probes_[slot];
  return id_of(slot) == id && probe.state != Probe::State::kNever ? &probe : nullptr;
}

}  // namespace sounder::probe
