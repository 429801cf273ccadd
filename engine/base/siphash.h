/// SipHash-2-4 (Aumasson and Bernstein, 2012): a keyed hash that an outsider can't forge. It tags our echo payloads,
/// and under a fixed key spreads identities over the interval.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace sounder::base {

using SipKey = std::array<std::uint64_t, 2>;

/// Pure; any length, byte order independent of the machine (the key's words are the reference's k0 and k1).
[[nodiscard]] std::uint64_t siphash(const SipKey& key, std::span<const std::byte> data);

}  // namespace sounder::base
