#include "engine/probe/rate_limit.h"

#include <algorithm>

#include "engine/base/check.h"

namespace sounder::probe {
namespace {

constexpr std::uint64_t kToken = 1'000'000'000;

}  // namespace

RateLimit::RateLimit(std::uint64_t rate)
    : rate_(rate), capacity_(std::max(rate * static_cast<std::uint64_t>(kBurst.count()), kToken)), level_(capacity_) {
  SOUNDER_CHECK(rate >= 1 && rate <= kToken);
}

void RateLimit::fill(base::MonoTime now) {
  if (filled_ == base::MonoTime::min()) filled_ = now;
  if (now <= filled_) return;
  const auto elapsed = static_cast<std::uint64_t>((now - filled_).count());
  const std::uint64_t missing = capacity_ - level_;
  level_ = elapsed >= missing / rate_ + 1 ? capacity_ : std::min(capacity_, level_ + elapsed * rate_);
  filled_ = now;
}

bool RateLimit::ready(base::MonoTime now) {
  fill(now);
  return level_ >= kToken;
}

void RateLimit::take() {
  SOUNDER_CHECK(level_ >= kToken);
  level_ -= kToken;
}

base::MonoTime RateLimit::ready_at() const {
  if (level_ >= kToken) return filled_;
  return filled_ + base::Duration(static_cast<std::int64_t>((kToken - level_ + rate_ - 1) / rate_));
}

}  // namespace sounder::probe
