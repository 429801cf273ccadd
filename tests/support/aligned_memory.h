/// Memory of any alignment from std::malloc alone, for tests that replace operator new: std::aligned_alloc is missing
/// in the C library of Windows.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>

namespace sounder::testing {

/// `alignment` is a power of two. Null if there is no memory. To be freed with free_aligned() alone.
[[nodiscard]] inline void* allocate_aligned(std::size_t size, std::size_t alignment) {
  // The block that malloc gave is remembered in front of the one that is handed out.
  auto* block = static_cast<unsigned char*>(std::malloc(size + alignment + sizeof(void*)));
  if (block == nullptr) return nullptr;
  const auto first = reinterpret_cast<std::uintptr_t>(block) + sizeof(void*);
  unsigned char* memory = block + sizeof(void*) + (alignment - first % alignment) % alignment;
  std::memcpy(memory - sizeof(void*), &block, sizeof(void*));
  return memory;
}

inline void free_aligned(void* memory) {
  if (memory == nullptr) return;
  void* block = nullptr;
  std::memcpy(&block, static_cast<unsigned char*>(memory) - sizeof(void*), sizeof(void*));
  std::free(block);
}

}  // namespace sounder::testing
