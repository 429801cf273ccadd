#include "tests/sim/allocation_count.h"

#include <cstdlib>
#include <new>

#include "tests/support/aligned_memory.h"

namespace sounder::sim {

namespace {

// Of the simulation's one thread each; other threads of a test framework do not disturb the count.
thread_local bool counting = false;
thread_local std::uint64_t counted = 0;

void* count(void* memory) {
  if (counting) ++counted;
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

}  // namespace

std::uint64_t counted_allocations() { return counted; }
CountAllocations::CountAllocations() { counting = true; }
CountAllocations::~CountAllocations() { counting = false; }

}  // namespace sounder::sim

void* operator new(std::size_t size) {
  // malloc(0) may give null.
  return sounder::sim::count(std::malloc(size == 0 ? 1 : size));
}
void* operator new(std::size_t size, std::align_val_t alignment) {
  return sounder::sim::count(sounder::testing::allocate_aligned(size, static_cast<std::size_t>(alignment)));
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { sounder::testing::free_aligned(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { sounder::testing::free_aligned(memory); }
