/// Counts calls of operator new inside a guarded stretch, so that the engine's are told from the simulator's own.
#pragma once

#include <cstdint>

namespace sounder::sim {

/// Allocations made while a CountAllocations was alive, since the program began. Zero where nothing replaces operator
/// new: allocation_count.cpp does, and is linked only where that is wanted.
[[nodiscard]] std::uint64_t counted_allocations();

class CountAllocations {
 public:
  CountAllocations();
  ~CountAllocations();
  CountAllocations(const CountAllocations&) = delete;
  CountAllocations& operator=(const CountAllocations&) = delete;
};

}  // namespace sounder::sim
