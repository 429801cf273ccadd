/// IP headers around ICMP messages, written by hand from the RFCs: the lab must not share the product's mistakes.
#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "engine/base/ip_address.h"
#include "tests/sim/packet_bytes.h"

namespace sounder::lab {

/// An echo request, taken out of its IP packet.
struct EchoRequest {
  base::IpAddress source;
  base::IpAddress destination;
  std::span<const std::byte> message;  ///< from the ICMP type on
};

/// Empty for everything but a whole, unfragmented echo request.
[[nodiscard]] std::optional<EchoRequest> parse_echo_request(std::span<const std::byte> packet);

/// The IP packet that carries `message`; of an ICMPv6 message the checksum is filled in.
void build_packet(const base::IpAddress& source, const base::IpAddress& destination, std::span<const std::byte> message,
                  sim::Bytes& packet);

}  // namespace sounder::lab
