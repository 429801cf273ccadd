/// A vector that never grows: its memory is taken once, so that filling it on the probe thread allocates nothing.
#pragma once

#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include "engine/base/check.h"

namespace sounder::base {

/// At most `capacity` elements, fixed at construction. Pushing into a full one is a bug: callers ask `room()` first.
template <class T>
class BoundedVector {
 public:
  using value_type = T;
  using const_iterator = typename std::vector<T>::const_iterator;

  explicit BoundedVector(std::size_t capacity) { items_.reserve(capacity); }

  void push_back(T item) {
    SOUNDER_CHECK(items_.size() < items_.capacity());
    items_.push_back(std::move(item));
  }
  void clear() { items_.clear(); }

  [[nodiscard]] std::size_t size() const { return items_.size(); }
  [[nodiscard]] bool empty() const { return items_.empty(); }
  [[nodiscard]] std::size_t room() const { return items_.capacity() - items_.size(); }
  [[nodiscard]] bool full() const { return room() == 0; }

  [[nodiscard]] T& operator[](std::size_t index) { return items_[index]; }
  [[nodiscard]] const T& operator[](std::size_t index) const { return items_[index]; }
  [[nodiscard]] auto begin() const { return items_.begin(); }
  [[nodiscard]] auto end() const { return items_.end(); }
  [[nodiscard]] std::span<const T> span() const { return items_; }
  [[nodiscard]] std::span<T> span() { return items_; }

 private:
  std::vector<T> items_;
};

}  // namespace sounder::base
