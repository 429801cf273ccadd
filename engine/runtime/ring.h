/// A bounded queue between two threads: one pushes, one pops, neither waits.
#pragma once

#include <atomic>
#include <bit>
#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

#include "engine/base/check.h"

namespace sounder::runtime {

/// Single producer, single consumer. All memory is taken at construction; a slot keeps a moved-from `T` until it is
/// used again. `T` is default-constructible and moves without throwing.
///
/// Each side keeps a copy of the other's position and looks at the real one only when the copy says full or empty, so
/// that a busy ring does not pass a cache line back and forth for every element.
template <class T>
class Ring {
 public:
  /// Holds at least `capacity` elements: the next power of two. Zero gives a ring that is always full.
  explicit Ring(std::size_t capacity) : slots_(capacity == 0 ? 0 : std::bit_ceil(capacity)) {}
  Ring(const Ring&) = delete;
  Ring& operator=(const Ring&) = delete;

  [[nodiscard]] std::size_t capacity() const { return slots_.size(); }

  /// Producer. False, with `item` untouched, if the ring is full.
  [[nodiscard]] bool try_push(T& item) {
    const std::size_t tail = tail_.load(std::memory_order_relaxed);
    if (tail - head_seen_ == slots_.size()) {
      head_seen_ = head_.load(std::memory_order_acquire);
      if (tail - head_seen_ == slots_.size()) return false;
    }
    slots_[tail & (slots_.size() - 1)] = std::move(item);
    tail_.store(tail + 1, std::memory_order_release);
    return true;
  }
  [[nodiscard]] bool try_push(T&& item) { return try_push(item); }

  /// Consumer. The oldest element, or nothing.
  [[nodiscard]] std::optional<T> try_pop() {
    const std::size_t head = head_.load(std::memory_order_relaxed);
    if (head == tail_seen_) {
      tail_seen_ = tail_.load(std::memory_order_acquire);
      if (head == tail_seen_) return std::nullopt;
    }
    std::optional<T> item(std::move(slots_[head & (slots_.size() - 1)]));
    head_.store(head + 1, std::memory_order_release);
    return item;
  }

 private:
  static constexpr std::size_t kCacheLine = 64;

  std::vector<T> slots_;
  alignas(kCacheLine) std::atomic<std::size_t> head_{0};  ///< of the consumer
  std::size_t tail_seen_ = 0;                             ///< the consumer's copy
  alignas(kCacheLine) std::atomic<std::size_t> tail_{0};  ///< of the producer
  std::size_t head_seen_ = 0;                             ///< the producer's copy
};

}  // namespace sounder::runtime
