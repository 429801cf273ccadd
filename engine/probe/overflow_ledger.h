/// Who is to be blamed on our own receive queue (design decision 6).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "engine/base/time.h"

namespace sounder::probe {

/// Each overflow of n packets excuses at most n of the probes that were in flight then and time out afterwards, in the
/// order in which they time out. Bounded: beyond kEntries open overflows, the latest two are taken together.
class OverflowLedger {
 public:
  /// Our queue lost `packets` up to `now`, with `in_flight` probes out: no more of them can be excused.
  void add(std::uint64_t packets, std::uint64_t in_flight, base::MonoTime now);
  /// A probe sent at `sent` has timed out. True if an overflow excuses it; that excuse is then used up.
  [[nodiscard]] bool excuse(base::MonoTime sent);
  /// Every probe in flight was sent after `oldest`: overflows before it excuse nobody any more.
  void forget_before(base::MonoTime oldest);
  [[nodiscard]] bool empty() const { return size_ == 0; }

 private:
  struct Entry {
    base::MonoTime at{};
    std::uint64_t left = 0;
  };
  static constexpr std::size_t kEntries = 64;

  void erase(std::size_t index);

  std::array<Entry, kEntries> entries_{};  ///< by time
  std::size_t size_ = 0;
};

}  // namespace sounder::probe
