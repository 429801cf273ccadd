#include "engine/platform/linux/packet_reader.h"

#include "engine/wire/ipv4.h"

namespace sounder::platform {

namespace {

/// A raw IPv4 socket delivers the IP header, and also packets whose ICMP checksum is wrong.
bool take_header_off(wire::RxPacket& packet) {
  const auto ip = wire::parse_ipv4(packet.bytes);
  if (!ip) return false;
  packet.source = ip->source;
  packet.destination = ip->destination;
  packet.ttl = ip->ttl;
  packet.bytes = ip->payload;
  return true;
}

}  // namespace

std::optional<wire::RxPacket> read_packet(const IcmpSocket& socket, MessageBatch& batch, std::size_t index) {
  const ControlData control = read_control(batch.header(index));
  wire::RxPacket packet;
  packet.family = socket.family;
  packet.truncated = batch.truncated(index);
  packet.stamp = control.stamp;
  packet.bytes = batch.bytes(index);
  if (socket.is_raw() && socket.is_v4()) {
    if (!take_header_off(packet)) return std::nullopt;
    return packet;
  }
  const auto source = from_native(batch.sender(index));
  if (!source) return std::nullopt;
  packet.checksum_verified = true;
  packet.source = *source;
  packet.destination = control.destination;
  packet.ttl = control.ttl;
  return packet;
}

}  // namespace sounder::platform
