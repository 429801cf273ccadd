#include "engine/wire/ipv4.h"

#include <algorithm>

#include "engine/wire/byte_order.h"

namespace sounder::wire {

namespace {

constexpr std::size_t kMinHeader = 20;
constexpr std::uint16_t kDontFragment = 0x4000;
constexpr std::uint16_t kMoreFragments = 0x2000;
constexpr std::uint16_t kOffsetMask = 0x1fff;

/// The header's size with its options; 0 if `bytes` begins with no whole IPv4 header.
std::size_t header_size(std::span<const std::byte> bytes) {
  if (bytes.size() < kMinHeader) return 0;
  const auto version_and_words = load<std::uint8_t>(bytes, 0);
  const std::size_t size = std::size_t{4} * (version_and_words & 0x0fU);
  const bool sound = version_and_words >> 4U == 4 && size >= kMinHeader && size <= bytes.size();
  return sound ? size : 0;
}

}  // namespace

std::optional<Ipv4Packet> parse_ipv4(std::span<const std::byte> bytes) {
  const std::size_t header = header_size(bytes);
  if (header == 0) return std::nullopt;
  const std::size_t total_length = load<std::uint16_t>(bytes, 2);
  const auto flags_and_offset = load<std::uint16_t>(bytes, 6);

  Ipv4Packet packet;
  packet.traffic_class = load<std::uint8_t>(bytes, 1);
  packet.dont_fragment = (flags_and_offset & kDontFragment) != 0;
  packet.more_fragments = (flags_and_offset & kMoreFragments) != 0;
  packet.fragment_offset = flags_and_offset & kOffsetMask;
  packet.ttl = load<std::uint8_t>(bytes, 8);
  packet.protocol = load<std::uint8_t>(bytes, 9);
  packet.source = base::IpAddress::v4(load<std::uint32_t>(bytes, 12));
  packet.destination = base::IpAddress::v4(load<std::uint32_t>(bytes, 16));

  const bool credible = total_length >= header;
  packet.payload = bytes.first(credible ? std::min(total_length, bytes.size()) : bytes.size()).subspan(header);
  const bool fragment = packet.more_fragments || packet.fragment_offset != 0;
  packet.whole = credible && total_length <= bytes.size() && !fragment;
  return packet;
}

}  // namespace sounder::wire
