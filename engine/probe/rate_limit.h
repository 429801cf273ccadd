/// A token bucket over all targets (design: global pacing).
#pragma once

#include <cstdint>

#include "engine/base/time.h"

namespace sounder::probe {

/// `rate` tokens a second, at most those of kBurst at once, so that a stall is not made up for by a flood.
class RateLimit {
 public:
  static constexpr base::Duration kBurst = std::chrono::milliseconds(10);

  /// `rate` from 1 to 10^9.
  explicit RateLimit(std::uint64_t rate);

  /// Whether there is a token.
  [[nodiscard]] bool ready(base::MonoTime now);
  /// Takes one; there must be one.
  void take();
  /// When the next token is there, or was.
  [[nodiscard]] base::MonoTime ready_at() const;

 private:
  void fill(base::MonoTime now);

  // In billionths of a token: one nanosecond brings `rate_` of them, exactly.
  std::uint64_t rate_;
  std::uint64_t capacity_;
  std::uint64_t level_;
  base::MonoTime filled_{base::MonoTime::min()};
};

}  // namespace sounder::probe
