/// IPv6 packets as ICMPv6 errors quote them (RFC 8200 §3, §4).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "engine/base/ip_address.h"

namespace sounder::wire {

inline constexpr std::uint8_t kProtocolIcmpv6 = 58;

/// An IPv6 header and its extension headers taken apart, with what follows them.
struct Ipv6Packet {
  base::IpAddress source;       ///< without a scope, as are all addresses in headers
  base::IpAddress destination;  ///< of the fixed header: under a routing header the next hop's
  std::uint8_t protocol = 0;    ///< the next header after those that are skipped
  bool more_fragments = false;
  std::uint16_t fragment_offset = 0;   ///< in units of 8 bytes; not 0: `payload` does not begin with a transport header
  bool whole = false;                  ///< `payload` is all that the payload length promises, and no fragment
  std::span<const std::byte> payload;  ///< after the extension headers; without bytes beyond the packet; borrowed

  [[nodiscard]] bool first_fragment() const { return fragment_offset == 0; }
};

/// Takes the headers off: hop-by-hop options, routing, destination options and fragment are skipped, any other ends the
/// chain. Empty if `bytes` does not hold a whole fixed header and all that are skipped. Pure, no allocation.
[[nodiscard]] std::optional<Ipv6Packet> parse_ipv6(std::span<const std::byte> bytes);

}  // namespace sounder::wire
