/// Echo requests as bytes: ICMPv4 (RFC 792) and ICMPv6 (RFC 4443 §4.1).
#pragma once

#include <cstddef>
#include <span>

#include "engine/wire/echo_payload.h"
#include "engine/wire/packet.h"

namespace sounder::wire {

/// Type, code, checksum, identifier and sequence.
inline constexpr std::size_t kIcmpHeaderSize = 8;
/// Without options.
inline constexpr std::size_t kIpv4HeaderSize = 20;
inline constexpr std::size_t kMaxEchoRequestSize = kIcmpHeaderSize + kMaxEchoData;

/// Writes the ICMP message of `request` to the front of `out`, for the family of its destination, and returns its size:
/// kIcmpHeaderSize + data_size.
///
/// ICMPv4 carries its checksum. ICMPv6 carries 0 there: it covers addresses that only the kernel knows for certain,
/// which fills it in on raw and on ping sockets (RFC 3542 §3.1). Options other than the data's size do not show here.
/// `data_size` beyond kMaxEchoData and an `out` that is too small are bugs. Pure, no allocation.
std::size_t encode_echo_request(const TxRequest& request, std::span<std::byte> out);

/// The same behind an IPv4 header with the request's source, TTL, DSCP and do-not-fragment bit, for sockets with
/// IP_HDRINCL: the only way to ask for that bit per packet. IPv4 destinations alone. Returns the size of the whole.
///
/// Header checksum, and identification and source where they are 0, are filled in by the kernel (ip(7), raw(7)).
std::size_t encode_ipv4_echo_request(const TxRequest& request, std::span<std::byte> out);

}  // namespace sounder::wire
