#include "engine/broker/counting_memory.h"

#include "engine/base/check.h"

namespace sounder::broker {

void* CountingMemory::do_allocate(std::size_t bytes, std::size_t alignment) {
  void* memory = upstream_.allocate(bytes, alignment);
  bytes_ += bytes;
  return memory;
}

void CountingMemory::do_deallocate(void* memory, std::size_t bytes, std::size_t alignment) {
  SOUNDER_CHECK(bytes_ >= bytes);
  bytes_ -= bytes;
  upstream_.deallocate(memory, bytes, alignment);
}

}  // namespace sounder::broker
