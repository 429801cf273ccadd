/// The probes in flight of all targets, and the memory of those that ended lately.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "engine/base/limits.h"
#include "engine/base/time.h"
#include "engine/probe/chunked_store.h"
#include "engine/probe/timing_wheel.h"
#include "engine/wire/packet.h"

namespace sounder::probe {

/// One probe. It stays readable after its end, until its slot is given to another one: that tells a duplicate from a
/// late reply.
struct Probe {
  enum class State : std::uint8_t {
    kNever,       ///< the slot was not used yet, or its probe is to be forgotten
    kRequested,   ///< handed to packet I/O, result not known
    kInFlight,    ///< accepted; expires
    kWaiting,     ///< its reply is here and waits for the TX stamp
    kReplied,     ///< ended by its reply
    kUnanswered,  ///< ended otherwise
  };
  static constexpr base::WallTime kNoStamp = base::WallTime::min();

  TimerLink timer;  ///< kInFlight: expiry; once it has ended, the free list's
  base::MonoTime due{};
  base::MonoTime sent{};  ///< kRequested: when it was requested; then from before the send call
  base::WallTime tx_stamp = kNoStamp;
  std::uint32_t target = 0;
  std::uint32_t sequence = 0;       ///< the low 32 bits
  std::uint32_t reply_waiting = 0;  ///< kWaiting: where among the waiting replies its own is
  std::uint16_t data_size = 0;      ///< its own: an update may change the target's
  std::uint8_t generation = 0;
  State state = State::kNever;

  /// Its outcome is not known yet.
  [[nodiscard]] bool live() const {
    return state == State::kRequested || state == State::kInFlight || state == State::kWaiting;
  }
};

/// Slots by ProbeId, reused in the order in which they became free, so that each is remembered for as long as possible.
/// Grows only by adopted chunks; finding none free is an answer, not an error.
class InFlightPool {
 public:
  using Store = ChunkedStore<Probe, 12>;

  InFlightPool() : probes_(base::kMaxInFlight) {}

  void adopt(Store::Chunk chunk);
  [[nodiscard]] std::size_t capacity() const { return probes_.size(); }
  /// Probes whose outcome is not known yet.
  [[nodiscard]] std::size_t in_use() const { return in_use_; }

  /// A slot for a new probe (kRequested), or nothing if all are in use.
  [[nodiscard]] std::optional<wire::ProbeId> allocate();
  /// The probe has ended: remembered as `ended` until its slot is allocated anew.
  void release(wire::ProbeId id, Probe::State ended);

  /// The probe of this very name, live or remembered; null if there is none.
  [[nodiscard]] Probe* find(wire::ProbeId id);
  [[nodiscard]] Probe& at(std::uint32_t slot) { return probes_[slot]; }
  [[nodiscard]] TimerLink& timer(std::uint32_t slot) { return probes_[slot].timer; }
  [[nodiscard]] wire::ProbeId id_of(std::uint32_t slot) const {
    return wire::ProbeId(std::uint32_t{probes_[slot].generation} << kSlotBits | slot);
  }
  [[nodiscard]] static std::uint32_t slot_of(wire::ProbeId id) { return id.value() & kSlotMask; }

 private:
  static constexpr unsigned kSlotBits = 24;
  static constexpr std::uint32_t kSlotMask = (std::uint32_t{1} << kSlotBits) - 1;

  void append_free(std::uint32_t slot);

  Store probes_;
  std::size_t in_use_ = 0;
  std::uint32_t first_free_ = TimerLink::kNone;
  std::uint32_t last_free_ = TimerLink::kNone;
};

}  // namespace sounder::probe
