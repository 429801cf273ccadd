/// From the bytes of a raw ICMP socket to wire::RxPacket, and whether they concern us.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "engine/base/ip_address.h"
#include "engine/wire/packet.h"

namespace sounder::platform::windows {

/// What a receive brought beside the bytes; of IPv6 alone, since IPv4 has it in its header.
struct Envelope {
  std::optional<base::IpAddress> source;
  std::optional<base::IpAddress> destination;
  std::optional<std::uint8_t> ttl;
};

/// A raw IPv4 socket delivers the IP header, an IPv6 one does not. Nothing if an IPv4 header is none, or an IPv6 packet
/// has no source. `truncated`: the buffer was smaller than the packet. Pure.
[[nodiscard]] std::optional<wire::RxPacket> read_packet(base::Family family, std::span<const std::byte> bytes,
                                                        const Envelope& envelope, bool truncated);

/// Every raw socket gets every ICMP packet of the host: those of others' pings, on loopback also the requests. Ours are
/// the echo replies with our identifier, and the errors that quote it. Pure.
[[nodiscard]] bool concerns(const wire::RxPacket& packet, wire::Identifier identifier);

}  // namespace sounder::platform::windows
