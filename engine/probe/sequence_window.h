/// Which probe of a target has a sequence number: the window of its latest probes, outstanding or not.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

#include "engine/base/check.h"
#include "engine/wire/packet.h"

namespace sounder::probe {

/// A ring of 2^n probes of one target by sequence number: the latest, but for places that older ones in flight hold. It
/// is the second way from a reply to its probe (address, identifier, sequence), and at the target's removal the list of
/// its probes in flight. It holds names only: whether a named probe still exists is the in-flight pool's to say.
///
/// The memory is taken at construction. Lookups by the 16-bit number on the wire are right as long as fewer than 2^16
/// numbers lie between the probe and the next one to be sent; beyond, the newest probe with that number is meant.
class SequenceWindow {
 public:
  SequenceWindow() = default;  ///< empty: holds nothing
  /// Room for at least `probes` in flight at once.
  explicit SequenceWindow(std::size_t probes);

  [[nodiscard]] std::size_t capacity() const { return names_ ? std::size_t{mask_} + 1 : 0; }

  /// What stands where `sequence` will be put; empty if nothing was ever put there.
  [[nodiscard]] std::optional<wire::ProbeId> occupant(wire::Sequence sequence) const;
  void put(wire::Sequence sequence, wire::ProbeId probe);
  /// Takes the names of `other` into this empty window, which is no smaller. `number_of(name)` gives the number that a
  /// probe was put with, or nothing if nobody knows it any more; a place does not tell how long ago it was taken.
  template <class NumberOf>
  void take_over(const SequenceWindow& other, NumberOf number_of) {
    SOUNDER_CHECK(capacity() >= other.capacity());
    for (std::size_t place = 0; place < other.capacity(); ++place) {
      const auto name = other.occupant(wire::Sequence(place));
      const std::optional<wire::Sequence> number = name ? number_of(*name) : std::nullopt;
      if (number) put(*number, *name);
    }
  }

  /// The latest number that was sent (below `next`, not below `first`) and is `wire` on the wire; none was: empty.
  [[nodiscard]] static std::optional<wire::Sequence> widen(wire::WireSequence wire, wire::Sequence first,
                                                           wire::Sequence next);

 private:
  [[nodiscard]] std::size_t place(wire::Sequence sequence) const {
    return static_cast<std::size_t>(sequence.value()) & mask_;
  }

  std::unique_ptr<std::uint32_t[]> names_;
  std::uint32_t mask_ = 0;
};

}  // namespace sounder::probe
