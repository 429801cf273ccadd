#include "engine/wire/ipv6.h"

#include <algorithm>
#include <cstring>

#include "engine/wire/byte_order.h"

namespace sounder::wire {

namespace {

constexpr std::size_t kFixedHeader = 40;
constexpr std::size_t kExtensionUnit = 8;
constexpr std::uint8_t kHopByHop = 0;
constexpr std::uint8_t kRouting = 43;
constexpr std::uint8_t kFragment = 44;
constexpr std::uint8_t kDestinationOptions = 60;

base::IpAddress address_at(std::span<const std::byte> bytes, std::size_t offset) {
  base::IpAddress::V6Bytes address{};
  std::memcpy(address.data(), bytes.subspan(offset, address.size()).data(), address.size());
  return base::IpAddress::v6(address);
}

bool is_skipped(std::uint8_t next_header) {
  return next_header == kHopByHop || next_header == kRouting || next_header == kFragment ||
         next_header == kDestinationOptions;
}

/// Takes one extension header off the payload; false if it does not end within.
bool skip_extension(Ipv6Packet& packet) {
  auto& rest = packet.payload;
  if (rest.size() < kExtensionUnit) return false;
  std::size_t size = kExtensionUnit;
  if (packet.protocol == kFragment) {
    const auto offset_and_flag = load<std::uint16_t>(rest, 2);
    packet.fragment_offset = static_cast<std::uint16_t>(offset_and_flag >> 3U);
    packet.more_fragments = (offset_and_flag & 1U) != 0;
  } else {
    size += kExtensionUnit * load<std::uint8_t>(rest, 1);
  }
  if (size > rest.size()) return false;
  packet.protocol = load<std::uint8_t>(rest, 0);
  rest = rest.subspan(size);
  return true;
}

}  // namespace

std::optional<Ipv6Packet> parse_ipv6(std::span<const std::byte> bytes) {
  if (bytes.size() < kFixedHeader || load<std::uint8_t>(bytes, 0) >> 4U != 6) return std::nullopt;
  // 0 is a jumbogram's (RFC 2675), which nobody quotes whole.
  const std::size_t payload_length = load<std::uint16_t>(bytes, 4);

  Ipv6Packet packet;
  packet.protocol = load<std::uint8_t>(bytes, 6);
  packet.source = address_at(bytes, 8);
  packet.destination = address_at(bytes, 24);
  packet.payload = bytes.subspan(kFixedHeader);
  const bool complete = payload_length != 0 && payload_length <= packet.payload.size();
  if (complete) packet.payload = packet.payload.first(payload_length);
  // What follows the header of a later fragment is no header, even if its first fragment's chain went on there.
  while (is_skipped(packet.protocol) && packet.first_fragment()) {
    if (!skip_extension(packet)) return std::nullopt;
  }
  packet.whole = complete && !packet.more_fragments && packet.first_fragment();
  return packet;
}

}  // namespace sounder::wire
