/// Numbers in network order, at any alignment.
#pragma once

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

#include "engine/base/check.h"

namespace sounder::wire {

/// The same bytes in the opposite order; compilers make one instruction of it.
template <std::unsigned_integral Number>
[[nodiscard]] constexpr Number byte_swapped(Number number) {
  const std::uint64_t wide = number;  // not promoted to int
  std::uint64_t swapped = 0;
  for (std::size_t i = 0; i < sizeof(Number); ++i) swapped = swapped << 8U | ((wide >> (8 * i)) & 0xffU);
  return static_cast<Number>(swapped);
}

/// Between the machine's order and the network's, either way.
template <std::unsigned_integral Number>
[[nodiscard]] constexpr Number network_order(Number number) {
  return std::endian::native == std::endian::big ? number : byte_swapped(number);
}

/// The number at `offset`. Reading past the end is a bug: callers compare sizes first.
template <std::unsigned_integral Number>
[[nodiscard]] Number load(std::span<const std::byte> bytes, std::size_t offset) {
  SOUNDER_CHECK(bytes.size() >= sizeof(Number) && offset <= bytes.size() - sizeof(Number));
  Number number = 0;
  std::memcpy(&number, bytes.data() + offset, sizeof(Number));
  return network_order(number);
}

/// Puts the number at `offset`. Writing past the end is a bug.
template <std::unsigned_integral Number>
void store(std::span<std::byte> bytes, std::size_t offset, Number number) {
  SOUNDER_CHECK(bytes.size() >= sizeof(Number) && offset <= bytes.size() - sizeof(Number));
  const Number ordered = network_order(number);
  std::memcpy(bytes.data() + offset, &ordered, sizeof(Number));
}

}  // namespace sounder::wire
