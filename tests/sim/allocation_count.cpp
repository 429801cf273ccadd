#include "tests/sim/allocation_count.h"

#include <cstdlib>
#include <new>

namespace sounder::sim {

namespace {

// Of the simulation's one thread each; other threads of a test framework do not disturb the count.
thread_local bool counting = false;
thread_local std::uint64_t counted = 0;

void* allocate(std::size_t size, std::size_t alignment) {
  if (counting) ++counted;
  const std::size_t rounded = (size + alignment - 1) / alignment * alignment;
  // aligned_alloc wants a whole number of alignments, and more than none.
  void* memory = std::aligned_alloc(alignment, rounded == 0 ? alignment : rounded);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

}  // namespace

std::uint64_t counted_allocations() { return counted; }
CountAllocations::CountAllocations() { counting = true; }
CountAllocations::~CountAllocations() { counting = false; }

}  // namespace sounder::sim

void* operator new(std::size_t size) { return sounder::sim::allocate(size, __STDCPP_DEFAULT_NEW_ALIGNMENT__); }
void* operator new(std::size_t size, std::align_val_t alignment) {
  return sounder::sim::allocate(size, static_cast<std::size_t>(alignment));
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }
