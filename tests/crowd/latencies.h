/// Durations counted in buckets of 6 % width, in memory that processes share; for quantiles of many of them.
#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>

namespace sounder::crowd {

/// Any thread or process may count; whoever reads meanwhile sees most of it.
class Latencies {
 public:
  void count(std::chrono::nanoseconds time) { ++buckets_[bucket_of(time.count() < 0 ? 0 : time.count())]; }
  void add(const Latencies& other) {
    for (std::size_t i = 0; i < kBuckets; ++i) buckets_[i] += other.buckets_[i];
  }

  [[nodiscard]] std::uint64_t total() const {
    std::uint64_t sum = 0;
    for (const auto& bucket : buckets_) sum += bucket;
    return sum;
  }
  /// The upper bound of the bucket in which the quantile lies; 1 gives the largest. Zero if there is none.
  [[nodiscard]] std::chrono::nanoseconds quantile(double q) const {
    const auto rank = static_cast<std::uint64_t>(std::ceil(q * static_cast<double>(total())));
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < kBuckets; ++i) {
      seen += buckets_[i];
      if (seen > 0 && seen >= rank) return std::chrono::nanoseconds(upper_bound(i));
    }
    return {};
  }

 private:
  /// Sixteen buckets an octave, from 16 ns on; below, one each nanosecond.
  static constexpr std::size_t kBuckets = 16 * 40;

  static std::size_t bucket_of(std::int64_t time) {
    const auto value = static_cast<std::uint64_t>(time);
    if (value < 16) return value;
    const auto octave = static_cast<std::size_t>(std::bit_width(value)) - 5;
    const std::size_t bucket = 16 * (octave + 1) + ((value >> octave) & 15U);
    return bucket < kBuckets ? bucket : kBuckets - 1;
  }
  static std::int64_t upper_bound(std::size_t bucket) {
    if (bucket < 16) return static_cast<std::int64_t>(bucket);
    const std::size_t octave = bucket / 16 - 1;
    return static_cast<std::int64_t>(((bucket % 16 + 17) << octave) - 1);
  }

  std::array<std::atomic<std::uint32_t>, kBuckets> buckets_{};
};

}  // namespace sounder::crowd
