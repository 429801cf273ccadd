/// What routers and hosts make of an echo request, as bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "engine/wire/packet.h"

namespace sounder::wire {

using Bytes = std::vector<std::byte>;

/// The bytes of a request to its destination's family, without an IP header.
[[nodiscard]] Bytes request_bytes(const TxRequest& request);

/// A host's answer to it, with the checksum of its family's rules.
[[nodiscard]] Bytes reply_bytes(const TxRequest& request);

/// The request as it was on the wire: behind an IPv4 header with `option_words` words of options.
[[nodiscard]] Bytes ipv4_packet(const TxRequest& request, std::size_t option_words);

/// Behind an IPv6 header and the given extension headers (protocol numbers 0, 43, 44, 60), each of `unit` units of 8
/// bytes where its size is free.
[[nodiscard]] Bytes ipv6_packet(const TxRequest& request, const std::vector<std::uint8_t>& extensions,
                                std::uint8_t units);

/// An ICMP error around a quote; ICMPv4 with its checksum.
[[nodiscard]] Bytes error_bytes(base::Family family, std::uint8_t type, std::uint8_t code, const Bytes& quote);

}  // namespace sounder::wire
