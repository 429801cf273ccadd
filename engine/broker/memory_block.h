/// Some bytes and their charge, as one.
#pragma once

#include <cstddef>
#include <memory_resource>
#include <span>
#include <utility>

#include "engine/broker/account.h"

namespace sounder::broker {

/// Move-only. What it is made of outlives it.
class MemoryBlock {
 public:
  MemoryBlock() = default;
  /// `charge` is for as many bytes.
  MemoryBlock(std::pmr::memory_resource& memory, std::size_t bytes, Charge charge)
      : charge_(std::move(charge)),
        memory_(&memory),
        bytes_(bytes == 0 ? nullptr : static_cast<char*>(memory.allocate(bytes, 1))),
        size_(bytes) {}
  MemoryBlock(MemoryBlock&& other) noexcept
      : charge_(std::move(other.charge_)),
        memory_(other.memory_),
        bytes_(std::exchange(other.bytes_, nullptr)),
        size_(std::exchange(other.size_, 0)) {}
  MemoryBlock& operator=(MemoryBlock&& other) noexcept {
    std::swap(charge_, other.charge_);
    std::swap(memory_, other.memory_);
    std::swap(bytes_, other.bytes_);
    std::swap(size_, other.size_);
    return *this;
  }
  MemoryBlock(const MemoryBlock&) = delete;
  MemoryBlock& operator=(const MemoryBlock&) = delete;
  ~MemoryBlock() {
    if (bytes_ != nullptr) memory_->deallocate(bytes_, size_, 1);
  }

  [[nodiscard]] std::span<char> bytes() { return {bytes_, size_}; }
  [[nodiscard]] std::span<const char> bytes() const { return {bytes_, size_}; }

 private:
  Charge charge_;
  std::pmr::memory_resource* memory_ = nullptr;
  char* bytes_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace sounder::broker
