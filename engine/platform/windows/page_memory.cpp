#include "engine/platform/page_memory.h"

#include <new>

#include "engine/platform/platform.h"
#include "engine/platform/windows/system_headers.h"

namespace sounder::platform {

void* take_pages(std::size_t bytes) {
  void* memory = VirtualAlloc(nullptr, bytes, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

void give_pages_back(void* memory, std::size_t) noexcept { SOUNDER_CHECK(VirtualFree(memory, 0, MEM_RELEASE) != 0); }

std::pmr::memory_resource& page_memory() {
  static PageMemory memory;
  return memory;
}

}  // namespace sounder::platform
