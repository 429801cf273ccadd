/// IPv4 packets as raw sockets deliver them and as ICMP errors quote them (RFC 791 §3.1).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "engine/base/ip_address.h"

namespace sounder::wire {

inline constexpr std::uint8_t kProtocolIcmp = 1;

/// An IPv4 header taken apart, with what follows it.
struct Ipv4Packet {
  base::IpAddress source;
  base::IpAddress destination;
  std::uint8_t ttl = 0;
  std::uint8_t protocol = 0;
  std::uint8_t traffic_class = 0;  ///< DSCP in the upper six bits (RFC 2474).
  bool dont_fragment = false;
  bool more_fragments = false;
  std::uint16_t fragment_offset = 0;   ///< in units of 8 bytes; not 0: `payload` does not begin with a transport header
  bool whole = false;                  ///< `payload` is all that the total length promises, and no fragment
  std::span<const std::byte> payload;  ///< after the options; without bytes beyond the total length; borrowed

  [[nodiscard]] bool first_fragment() const { return fragment_offset == 0; }
};

/// Takes the header off, options included. Empty if `bytes` does not hold a whole IPv4 header.
///
/// A total length that is smaller than the header is ignored: some routers quote it in their own byte order or less the
/// header. The header checksum is not looked at: of received packets the kernel has verified it, and in quoted ones the
/// routers' changes (TTL) make it wrong now and then. Pure, no allocation.
[[nodiscard]] std::optional<Ipv4Packet> parse_ipv4(std::span<const std::byte> bytes);

}  // namespace sounder::wire
