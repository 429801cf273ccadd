/// The echo requests of others than targets: those that wait to be sent, those in flight, and the memory of the rest.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

#include "engine/base/ip_address.h"
#include "engine/base/siphash.h"
#include "engine/base/strong_id.h"
#include "engine/base/time.h"
#include "engine/probe/echo.h"
#include "engine/probe/slot_index.h"
#include "engine/wire/packet.h"

namespace sounder::probe {

/// Probe::target has this bit where the probe is an echo's, and the echo's slot below it.
inline constexpr std::uint32_t kEchoBit = 0x80000000U;
[[nodiscard]] constexpr bool is_echo(std::uint32_t target) { return (target & kEchoBit) != 0; }
[[nodiscard]] constexpr std::uint32_t echo_slot(std::uint32_t target) { return target & ~kEchoBit; }

/// The whole number of an echo, of which `low` is the low half. No target's number is ever so high, so that no tag of
/// an echo is one of a target's (wire::make_tag).
[[nodiscard]] constexpr wire::Sequence echo_sequence(std::uint32_t low) {
  return wire::Sequence(std::uint64_t{1} << 63U | low);
}

/// One request. It stays readable after its end, until its slot is given to another one.
struct Echo {
  enum class State : std::uint8_t {
    kNever,    ///< not used yet, or forgotten
    kWaiting,  ///< for its turn and the rate limit
    kOut,      ///< its probe is in flight
    kEnded,
  };
  static constexpr std::uint32_t kNone = 0xffffffffU;

  EchoRequest request;
  wire::ProbeId probe;  ///< kOut, kEnded
  std::uint32_t sequence = 0;
  std::uint32_t next = kNone;  ///< kWaiting: in the queue; kEnded: in the list of those remembered; kNever: of the free
  base::MonoTime ended{};
  State state = State::kNever;
  bool indexed = false;
  bool way_lost = false;  ///< since it was sent, there was a time without a way out
};

/// All memory is reserved at construction, and costs nothing before its first use. An ended echo is remembered for
/// kAfterwards, so that what still comes for it is known, or until its slot is needed: the oldest are forgotten first.
class EchoTable {
 public:
  /// Targets' numbers keep clear of an echo's for as long (engine_echo.cpp).
  static constexpr base::Duration kAfterwards = std::chrono::seconds(10);

  EchoTable(std::size_t max_requests, const base::SipKey& key, std::uint32_t first_sequence);
  ~EchoTable();
  EchoTable(const EchoTable&) = delete;
  EchoTable& operator=(const EchoTable&) = delete;

  /// Requests without a result.
  [[nodiscard]] std::size_t outstanding() const { return outstanding_; }
  [[nodiscard]] bool full() const { return outstanding_ == max_; }
  /// Slots that were ever used.
  [[nodiscard]] std::uint32_t places() const { return used_; }
  [[nodiscard]] Echo& operator[](std::uint32_t slot) { return echoes_[slot]; }

  /// Puts a request at the end of the queue; full() is a bug.
  void wait(const EchoRequest& request);
  [[nodiscard]] bool waiting() const { return waiting_.first != Echo::kNone; }
  /// The slot of the first in the queue, which leaves it.
  [[nodiscard]] std::uint32_t pop();
  /// `slot` goes out as `probe` with the number `sequence`: replies find it from now on.
  void sent(std::uint32_t slot, wire::ProbeId probe, std::uint32_t sequence);
  /// `slot` has its result.
  void end(std::uint32_t slot);
  /// It is `now`: some of those whose time has passed are forgotten. Once a cycle.
  void forget(base::MonoTime now);

  /// A number for an echo to `address` whose low 16 bits no echo to it in flight has, and for which `blocked` gives
  /// nothing: it gives how many numbers on it may be asked again. Nothing if a bounded search finds none.
  template <class Blocked>
  [[nodiscard]] std::optional<std::uint32_t> next_sequence(const base::IpAddress& address, Blocked blocked) {
    for (int tries = 0; tries < kTries; ++tries) {
      const std::uint32_t sequence = next_sequence_++;
      const wire::WireSequence number(static_cast<std::uint16_t>(sequence & 0xffffU));
      if (const std::optional<std::uint16_t> jump = blocked(number)) {
        next_sequence_ += *jump;
        continue;
      }
      const auto held = find(address, number);
      if (!held || echoes_[*held].state == Echo::State::kEnded) return sequence;
    }
    return std::nullopt;
  }

  /// The slot of the echo to `address` that has this number on the wire: in flight, or remembered.
  [[nodiscard]] std::optional<std::uint32_t> find(const base::IpAddress& address, wire::WireSequence number) const;

 private:
  static constexpr int kTries = 64;
  static constexpr int kForgetBatch = 64;

  /// First in, first out, through Echo::next.
  struct Queue {
    std::uint32_t first = Echo::kNone;
    std::uint32_t last = Echo::kNone;
  };
  void append(Queue& queue, std::uint32_t slot);
  [[nodiscard]] std::uint32_t take_first(Queue& queue);

  [[nodiscard]] std::uint32_t hash_of(const base::IpAddress& address, wire::WireSequence number) const;
  [[nodiscard]] std::uint32_t allocate();
  void forget_oldest();
  void unindex(std::uint32_t slot);

  base::SipKey key_;
  std::size_t max_;
  Echo* echoes_;
  SlotIndex index_;
  std::uint32_t next_sequence_;
  std::uint32_t used_ = 0;
  std::size_t outstanding_ = 0;
  base::MonoTime now_{};  ///< of the last forget()
  Queue waiting_;
  Queue ended_;  ///< remembered
  std::uint32_t first_free_ = Echo::kNone;
};

}  // namespace sounder::probe
