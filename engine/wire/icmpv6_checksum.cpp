#include "engine/wire/icmpv6_checksum.h"

#include <array>
#include <cstdint>
#include <cstring>

#include "engine/base/check.h"
#include "engine/wire/byte_order.h"
#include "engine/wire/checksum.h"
#include "engine/wire/echo_request.h"
#include "engine/wire/ipv6.h"

namespace sounder::wire {

namespace {

constexpr std::size_t kChecksumOffset = 2;
constexpr std::size_t kPseudoHeaderSize = 40;

using PseudoHeader = std::array<std::byte, kPseudoHeaderSize>;

PseudoHeader pseudo_header(std::size_t size, const base::IpAddress& source, const base::IpAddress& destination) {
  PseudoHeader header{};
  std::memcpy(header.data(), source.data(), source.size());
  std::memcpy(header.data() + source.size(), destination.data(), destination.size());
  store(header, 32, static_cast<std::uint32_t>(size));
  store(header, 39, kProtocolIcmpv6);
  return header;
}

/// The ones' complement sum of the words, which checksum() gives complemented.
std::uint32_t sum(std::span<const std::byte> data) { return static_cast<std::uint16_t>(~checksum(data)); }

}  // namespace

void write_icmpv6_checksum(std::span<std::byte> message, const base::IpAddress& source,
                           const base::IpAddress& destination) {
  SOUNDER_CHECK(message.size() >= kIcmpHeaderSize && !source.is_v4() && !destination.is_v4());
  store(message, kChecksumOffset, std::uint16_t{0});
  const std::uint32_t both = sum(pseudo_header(message.size(), source, destination)) + sum(message);
  const std::uint32_t folded = (both & 0xffffU) + (both >> 16U);
  store(message, kChecksumOffset, static_cast<std::uint16_t>(~folded));
}

}  // namespace sounder::wire
