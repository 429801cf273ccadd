/// The Internet checksum (RFC 1071).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace sounder::wire {

/// The ones' complement of the ones' complement sum of `data` as 16-bit words, an odd last byte padded with zero.
///
/// The value is in host order: store it most significant byte first. Over a message that holds its own right checksum
/// the result is 0. Pure; any length and alignment.
[[nodiscard]] std::uint16_t checksum(std::span<const std::byte> data);

}  // namespace sounder::wire
