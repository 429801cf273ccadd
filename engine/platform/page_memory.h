/// Memory that goes back to the system when it is given back: large blocks are pages of their own.
///
/// page_memory() in platform.h gives it out; the folder of the system has the two functions and the one object.
#pragma once

#include <cstddef>
#include <memory_resource>

#include "engine/base/check.h"

namespace sounder::platform {

/// Zeroed, aligned to a page. Throws std::bad_alloc.
[[nodiscard]] void* take_pages(std::size_t bytes);
void give_pages_back(void* memory, std::size_t bytes) noexcept;

class PageMemory final : public std::pmr::memory_resource {
 public:
  /// Blocks from this size on are pages of their own; smaller ones are the allocator's, which does better by them.
  static constexpr std::size_t kFromPages = std::size_t{32} << 10U;
  static constexpr std::size_t kPage = 4096;

 private:
  void* do_allocate(std::size_t bytes, std::size_t alignment) override {
    if (bytes < kFromPages) return std::pmr::new_delete_resource()->allocate(bytes, alignment);
    SOUNDER_CHECK(alignment <= kPage);
    return take_pages(bytes);
  }
  void do_deallocate(void* memory, std::size_t bytes, std::size_t alignment) override {
    if (bytes < kFromPages) {
      std::pmr::new_delete_resource()->deallocate(memory, bytes, alignment);
    } else {
      give_pages_back(memory, bytes);
    }
  }
  [[nodiscard]] bool do_is_equal(const std::pmr::memory_resource& other) const noexcept override {
    return this == &other;
  }
};

}  // namespace sounder::platform
