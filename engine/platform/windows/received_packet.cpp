#include "engine/platform/windows/received_packet.h"

#include <variant>

#include "engine/wire/byte_order.h"
#include "engine/wire/echo_request.h"
#include "engine/wire/icmp.h"
#include "engine/wire/ipv4.h"

namespace sounder::platform::windows {

namespace {

constexpr std::size_t kIdentifierOffset = 4;

std::uint8_t echo_reply(base::Family family) {
  return family == base::Family::kIpv4 ? wire::icmpv4::kEchoReply : wire::icmpv6::kEchoReply;
}

}  // namespace

std::optional<wire::RxPacket> read_packet(base::Family family, std::span<const std::byte> bytes,
                                          const Envelope& envelope, bool truncated) {
  wire::RxPacket packet;
  packet.family = family;
  packet.truncated = truncated;
  if (family == base::Family::kIpv4) {
    const auto ip = wire::parse_ipv4(bytes);
    if (!ip) return std::nullopt;
    packet.source = ip->source;
    packet.destination = ip->destination;
    packet.ttl = ip->ttl;
    packet.bytes = ip->payload;
    return packet;
  }
  if (!envelope.source) return std::nullopt;
  packet.checksum_verified = true;
  packet.source = *envelope.source;
  packet.destination = envelope.destination;
  packet.ttl = envelope.ttl;
  packet.bytes = bytes;
  return packet;
}

bool concerns(const wire::RxPacket& packet, wire::Identifier identifier) {
  if (packet.bytes.size() < wire::kIcmpHeaderSize) return false;
  // A reply with a wrong checksum is the engine's to count, so replies are not parsed here.
  if (wire::load<std::uint8_t>(packet.bytes, 0) == echo_reply(packet.family)) {
    return wire::load<std::uint16_t>(packet.bytes, kIdentifierOffset) == identifier.value();
  }
  const auto message = wire::parse_icmp(packet);
  const auto* error = std::get_if<wire::IcmpError>(&message);
  return error != nullptr && error->identifier == identifier;
}

}  // namespace sounder::platform::windows
