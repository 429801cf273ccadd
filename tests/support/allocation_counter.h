/// Counts what the program allocates with `new`. Linked into a test program, it holds for all of it.
#pragma once

#include <cstdint>

namespace sounder::testing {

[[nodiscard]] std::uint64_t allocations_so_far();

/// Allocations that `call` makes.
template <class Call>
std::uint64_t allocations_of(Call call) {
  const std::uint64_t before = allocations_so_far();
  call();
  return allocations_so_far() - before;
}

}  // namespace sounder::testing
