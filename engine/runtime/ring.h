/// A bounded queue between two threads: one pushes, one pops, neither waits.
#pragma once

#include <atomic>
#include <bit>
#include <cstddef>
#include <memory>
#include <optional>
#include <utility>

#include "engine/base/check.h"

namespace sounder::runtime {

/// Single producer, single consumer. All memory is reserved at construction and costs nothing before it is first used.
/// `T` moves without throwing.
///
/// Each side keeps a copy of the other's position and looks at the real one only when the copy says full or empty, so
/// that a busy ring does not pass a cache line back and forth for every element.
template <class T>
class Ring {
 public:
  /// Holds at least `capacity` elements: the next power of two. Zero gives a ring that is always full.
  explicit Ring(std::size_t capacity)
      : capacity_(capacity == 0 ? 0 : std::bit_ceil(capacity)), slots_(std::allocator<T>().allocate(capacity_)) {}
  /// Neither side runs any more.
  ~Ring() {
    while (try_pop()) {
    }
    std::allocator<T>().deallocate(slots_, capacity_);
  }
  Ring(const Ring&) = delete;
  Ring& operator=(const Ring&) = delete;

  [[nodiscard]] std::size_t capacity() const { return capacity_; }

  /// Producer. False, with `item` untouched, if the ring is full.
  [[nodiscard]] bool try_push(T& item) {
    const std::size_t tail = tail_.load(std::memory_order_relaxed);
    if (tail - head_seen_ == capacity_) {
      head_seen_ = head_.load(std::memory_order_acquire);
      if (tail - head_seen_ == capacity_) return false;
    }
    std::construct_at(slots_ + (tail & (capacity_ - 1)), std::move(item));
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
    T* const slot = slots_ + (head & (capacity_ - 1));
    std::optional<T> item(std::move(*slot));
    std::destroy_at(slot);
    head_.store(head + 1, std::memory_order_release);
    return item;
  }

 private:
  static constexpr std::size_t kCacheLine = 64;

  const std::size_t capacity_;
  T* const slots_;
  alignas(kCacheLine) std::atomic<std::size_t> head_{0};  ///< of the consumer
  std::size_t tail_seen_ = 0;                             ///< the consumer's copy
  alignas(kCacheLine) std::atomic<std::size_t> tail_{0};  ///< of the producer
  std::size_t head_seen_ = 0;                             ///< the producer's copy
};

}  // namespace sounder::runtime
