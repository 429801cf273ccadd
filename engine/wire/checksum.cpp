#include "engine/wire/checksum.h"

#include <array>
#include <cstring>

#include "engine/wire/byte_order.h"

namespace sounder::wire {

namespace {

/// The two halves of eight bytes, in the machine's order. RFC 1071 §2 (A), (B): words of any width and order may be
/// added, since carries come round and only the result is swapped.
std::uint64_t halves(const std::byte* eight_bytes) {
  std::uint64_t word = 0;
  std::memcpy(&word, eight_bytes, sizeof(word));
  return (word & 0xffffffffU) + (word >> 32U);
}

}  // namespace

std::uint16_t checksum(std::span<const std::byte> data) {
  // Halves of 32 bits in a sum of 64: no carry is lost below 16 GiB, and the loop has none to wait for.
  std::uint64_t sum = 0;
  const std::size_t whole_words = data.size() / 8 * 8;
  for (std::size_t i = 0; i < whole_words; i += 8) sum += halves(data.data() + i);
  if (whole_words != data.size()) {
    std::array<std::byte, 8> rest{};
    std::memcpy(rest.data(), data.data() + whole_words, data.size() - whole_words);
    sum += halves(rest.data());
  }
  while (sum >> 16U != 0) sum = (sum & 0xffffU) + (sum >> 16U);
  return network_order(static_cast<std::uint16_t>(~sum));
}

}  // namespace sounder::wire
