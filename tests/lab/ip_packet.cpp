#include "tests/lab/ip_packet.h"

#include <algorithm>
#include <array>

namespace sounder::lab {

namespace {

using base::IpAddress;
using sim::field16;

constexpr std::size_t kIpv4Header = 20;
constexpr std::size_t kIpv6Header = 40;
constexpr std::uint8_t kIcmpV4 = 1;
constexpr std::uint8_t kIcmpV6 = 58;
constexpr std::uint8_t kTtl = 57;
constexpr std::byte kEchoV4{8};
constexpr std::byte kEchoV6{128};

IpAddress address_v4(std::span<const std::byte> bytes) {
  IpAddress::V4Bytes raw{};
  std::transform(bytes.begin(), bytes.end(), raw.begin(), [](std::byte b) { return std::to_integer<std::uint8_t>(b); });
  return IpAddress::v4(raw);
}

IpAddress address_v6(std::span<const std::byte> bytes) {
  IpAddress::V6Bytes raw{};
  std::transform(bytes.begin(), bytes.end(), raw.begin(), [](std::byte b) { return std::to_integer<std::uint8_t>(b); });
  return IpAddress::v6(raw);
}

/// RFC 1071.
std::uint32_t add_words(std::span<const std::byte> bytes, std::uint32_t sum) {
  std::size_t i = 0;
  for (; i + 1 < bytes.size(); i += 2) sum += field16(bytes, i);
  if (i < bytes.size()) sum += std::to_integer<std::uint32_t>(bytes[i]) << 8U;
  while (sum > 0xffffU) sum = (sum & 0xffffU) + (sum >> 16U);
  return sum;
}

void write_address(const IpAddress& address, std::span<std::byte> at) {
  const auto bytes = std::as_bytes(std::span(address.data(), address.size()));
  std::copy(bytes.begin(), bytes.end(), at.begin());
}

/// RFC 791 §3.1.
void header_v4(const IpAddress& source, const IpAddress& destination, std::span<std::byte> packet) {
  packet[0] = std::byte{0x45};
  sim::set_field16(packet, 2, static_cast<std::uint16_t>(packet.size()));
  packet[8] = std::byte{kTtl};
  packet[9] = std::byte{kIcmpV4};
  write_address(source, packet.subspan(12, 4));
  write_address(destination, packet.subspan(16, 4));
  const std::uint32_t sum = ~add_words(packet.first(kIpv4Header), 0);
  sim::set_field16(packet, 10, static_cast<std::uint16_t>(sum & 0xffffU));
}

/// RFC 8200 §3, and the checksum over the pseudo-header of its §8.1.
void header_v6(const IpAddress& source, const IpAddress& destination, std::span<std::byte> packet) {
  const auto message = packet.subspan(kIpv6Header);
  packet[0] = std::byte{0x60};
  sim::set_field16(packet, 4, static_cast<std::uint16_t>(message.size()));
  packet[6] = std::byte{kIcmpV6};
  packet[7] = std::byte{kTtl};
  write_address(source, packet.subspan(8, 16));
  write_address(destination, packet.subspan(24, 16));
  sim::set_field16(message, 2, 0);
  const auto pseudo = add_words(packet.subspan(8, 32), static_cast<std::uint32_t>(message.size()) + kIcmpV6);
  sim::set_field16(message, 2, static_cast<std::uint16_t>(~add_words(message, pseudo) & 0xffffU));
}

}  // namespace

std::optional<EchoRequest> parse_echo_request(std::span<const std::byte> packet) {
  if (packet.size() >= kIpv4Header + sim::kIcmpHeader && packet[0] == std::byte{0x45}) {
    const auto message = packet.subspan(kIpv4Header);
    if (packet[9] != std::byte{kIcmpV4} || message[0] != kEchoV4) return std::nullopt;
    return EchoRequest{address_v4(packet.subspan(12, 4)), address_v4(packet.subspan(16, 4)), message};
  }
  if (packet.size() >= kIpv6Header + sim::kIcmpHeader && std::to_integer<unsigned>(packet[0]) >> 4U == 6) {
    const auto message = packet.subspan(kIpv6Header);
    if (packet[6] != std::byte{kIcmpV6} || message[0] != kEchoV6) return std::nullopt;
    return EchoRequest{address_v6(packet.subspan(8, 16)), address_v6(packet.subspan(24, 16)), message};
  }
  return std::nullopt;
}

void build_packet(const IpAddress& source, const IpAddress& destination, std::span<const std::byte> message,
                  sim::Bytes& packet) {
  const std::size_t header = destination.is_v4() ? kIpv4Header : kIpv6Header;
  packet.assign(header, std::byte{0});
  packet.insert(packet.end(), message.begin(), message.end());
  if (destination.is_v4()) {
    header_v4(source, destination, packet);
  } else {
    header_v6(source, destination, packet);
  }
}

}  // namespace sounder::lab
