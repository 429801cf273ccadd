/// The only source of chance in the simulator: a small generator whose every draw follows from the seed, on every
/// compiler (the distributions of <random> differ between libraries).
#pragma once

#include <cstdint>

#include "engine/base/time.h"

namespace sounder::sim {

/// A probability in parts of a million, so that no rounding of a double decides a run.
using Ppm = std::uint32_t;
inline constexpr Ppm kAlways = 1'000'000;

/// SplitMix64 (Steele, Lea and Flood, 2014).
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}

  [[nodiscard]] std::uint64_t bits() {
    state_ += 0x9e3779b97f4a7c15U;
    std::uint64_t mixed = state_;
    mixed = (mixed ^ (mixed >> 30U)) * 0xbf58476d1ce4e5b9U;
    mixed = (mixed ^ (mixed >> 27U)) * 0x94d049bb133111ebU;
    return mixed ^ (mixed >> 31U);
  }
  /// In [0, bound); bound > 0. The bias is below 2^-32 for the small bounds used here.
  [[nodiscard]] std::uint64_t below(std::uint64_t bound) { return bits() % bound; }
  /// Draws nothing when the answer is certain, so that switched-off faults cost nothing.
  [[nodiscard]] bool chance(Ppm probability) {
    if (probability == 0) return false;
    return probability >= kAlways || below(kAlways) < probability;
  }
  [[nodiscard]] base::Duration up_to(base::Duration bound) {
    if (bound <= base::Duration::zero()) return base::Duration::zero();
    return base::Duration(static_cast<base::Duration::rep>(below(static_cast<std::uint64_t>(bound.count()) + 1)));
  }
  [[nodiscard]] base::Duration between(base::Duration low, base::Duration high) { return low + up_to(high - low); }
  /// An independent stream: what one part draws does not shift what another draws.
  [[nodiscard]] Random fork() { return Random(bits()); }

 private:
  std::uint64_t state_;
};

}  // namespace sounder::sim
