#include "tests/sim/allocation_count.h"

#include <cstdlib>
#include <new>

#include "tests/support/aligned_memory.h"

namespace sounder::sim {

namespace {

// Of the simulation's one thread each; other threads of a test framework do not disturb the count.
thread_local bool counting = false;
thread_local std::uint64_t counted = 0;

void* count(void* memory) noexcept {
  if (counting) ++counted;
  return memory;
}

void* or_throw(void* memory) {
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

// malloc(0) may give null.
void* allocate(std::size_t size) noexcept { return count(std::malloc(size == 0 ? 1 : size)); }
void* allocate(std::size_t size, std::align_val_t alignment) noexcept {
  return count(testing::allocate_aligned(size, static_cast<std::size_t>(alignment)));
}

}  // namespace

std::uint64_t counted_allocations() { return counted; }
CountAllocations::CountAllocations() { counting = true; }
CountAllocations::~CountAllocations() { counting = false; }

}  // namespace sounder::sim

// Those that do not throw as well: a sanitizer's own would not be freed by what replaces operator delete here, and
// std::stable_sort uses them.
void* operator new(std::size_t size) { return sounder::sim::or_throw(sounder::sim::allocate(size)); }
void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return sounder::sim::allocate(size); }
void* operator new(std::size_t size, std::align_val_t alignment) {
  return sounder::sim::or_throw(sounder::sim::allocate(size, alignment));
}
void* operator new(std::size_t size, std::align_val_t alignment, const std::nothrow_t&) noexcept {
  return sounder::sim::allocate(size, alignment);
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { sounder::testing::free_aligned(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { sounder::testing::free_aligned(memory); }
