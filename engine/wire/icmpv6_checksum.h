/// The checksum of ICMPv6, for systems that do not fill it in (RFC 4443 §2.3).
#pragma once

#include <cstddef>
#include <span>

#include "engine/base/ip_address.h"

namespace sounder::wire {

/// Puts the checksum into an ICMPv6 message that goes from `source` to `destination`, both IPv6: it covers them, too
/// (the pseudo-header of RFC 8200 §8.1). `message` begins with the type and holds at least an ICMP header. Pure.
void write_icmpv6_checksum(std::span<std::byte> message, const base::IpAddress& source,
                           const base::IpAddress& destination);

}  // namespace sounder::wire
