/// A rate with a burst, as one point in time (the generic cell rate algorithm, ITU-T I.371).
#pragma once

#include <algorithm>
#include <cstdint>

#include "engine/base/time.h"

namespace sounder::broker {

class TokenBucket {
 public:
  /// `rate` tokens a second, `burst` of them (at least one) at once after a pause. Rate 0: there is never one.
  TokenBucket(std::uint64_t rate, std::uint64_t burst) { set(rate, burst); }

  /// Another rate; what was taken stays taken.
  void set(std::uint64_t rate, std::uint64_t burst) {
    constexpr std::uint64_t kSecond = 1'000'000'000;
    closed_ = rate == 0;
    // Rounded up: never more than the rate.
    interval_ = closed_ ? base::Duration::zero() : base::Duration((kSecond + rate - 1) / rate);
    burst_ = interval_ * static_cast<std::int64_t>(std::max<std::uint64_t>(burst, 1) - 1);
  }

  [[nodiscard]] bool ready(base::MonoTime now) const { return now >= ready_at(); }
  /// When there is a token, or since when; MonoTime::max() for rate 0.
  [[nodiscard]] base::MonoTime ready_at() const { return closed_ ? base::MonoTime::max() : theoretical_ - burst_; }
  /// Takes one; there must be one.
  void take(base::MonoTime now) { theoretical_ = std::max(theoretical_, now) + interval_; }

 private:
  bool closed_ = false;
  base::Duration interval_{};
  base::Duration burst_{};  ///< how far `theoretical_` may be ahead
  /// When the bucket is full again. Begins long ago, but so that a burst can be subtracted.
  base::MonoTime theoretical_{base::Duration::min() / 2};
};

}  // namespace sounder::broker
