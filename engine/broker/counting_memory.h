/// What really is allocated, beside what was charged for it: the two must be equal, and a metric says so.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory_resource>

namespace sounder::broker {

/// Counts what passes through to `upstream`, which outlives it. One thread.
class CountingMemory final : public std::pmr::memory_resource {
 public:
  explicit CountingMemory(std::pmr::memory_resource& upstream) : upstream_(upstream) {}

  /// Bytes that were asked for and not given back.
  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }

 private:
  void* do_allocate(std::size_t bytes, std::size_t alignment) override;
  void do_deallocate(void* memory, std::size_t bytes, std::size_t alignment) override;
  [[nodiscard]] bool do_is_equal(const std::pmr::memory_resource& other) const noexcept override {
    return this == &other;
  }

  std::pmr::memory_resource& upstream_;
  std::uint64_t bytes_ = 0;
};

}  // namespace sounder::broker
