#include "engine/probe/sequence_window.h"

#include <algorithm>
#include <bit>

#include "engine/base/check.h"

namespace sounder::probe {
namespace {

/// No probe: its slot is never given out (in_flight_pool.h).
constexpr std::uint32_t kNobody = 0xffffffffU;

}  // namespace

SequenceWindow::SequenceWindow(std::size_t probes) {
  const std::size_t size = std::bit_ceil(std::max<std::size_t>(probes, 1));
  names_.reset(new std::uint32_t[size]);
  std::fill_n(names_.get(), size, kNobody);
  mask_ = static_cast<std::uint32_t>(size - 1);
}

std::optional<wire::ProbeId> SequenceWindow::occupant(wire::Sequence sequence) const {
  SOUNDER_CHECK(names_ != nullptr);
  const std::uint32_t name = names_[place(sequence)];
  if (name == kNobody) return std::nullopt;
  return wire::ProbeId(name);
}

void SequenceWindow::put(wire::Sequence sequence, wire::ProbeId probe) {
  SOUNDER_CHECK(names_ != nullptr && probe.value() != kNobody);
  names_[place(sequence)] = probe.value();
}

std::optional<wire::Sequence> SequenceWindow::widen(wire::WireSequence wire, wire::Sequence first,
                                                    wire::Sequence next) {
  const std::uint64_t back = (next.value() - 1 - wire.value()) & 0xffffU;
  if (next.value() - first.value() <= back) return std::nullopt;
  return wire::Sequence(next.value() - 1 - back);
}

}  // namespace sounder::probe
