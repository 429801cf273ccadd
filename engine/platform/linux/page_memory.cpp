#include "engine/platform/page_memory.h"

#include <sys/mman.h>

#include <new>

#include "engine/platform/platform.h"

namespace sounder::platform {

void* take_pages(std::size_t bytes) {
  void* memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  // A huge page would take memory that nothing has touched yet. Kernels without them refuse, and need it not.
  static_cast<void>(madvise(memory, bytes, MADV_NOHUGEPAGE));
  return memory;
}

void give_pages_back(void* memory, std::size_t bytes) noexcept { SOUNDER_CHECK(munmap(memory, bytes) == 0); }

std::pmr::memory_resource& page_memory() {
  static PageMemory memory;
  return memory;
}

}  // namespace sounder::platform
