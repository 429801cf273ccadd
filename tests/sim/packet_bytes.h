/// The bytes that hosts and routers answer with, made by hand from the RFCs and not with engine/wire's builders: the
/// engine must understand what others write.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "engine/base/ip_address.h"

namespace sounder::sim {

using Bytes = std::vector<std::byte>;

inline constexpr std::size_t kIcmpHeader = 8;

/// Big-endian 16-bit field at `offset`.
[[nodiscard]] std::uint16_t field16(std::span<const std::byte> bytes, std::size_t offset);
void set_field16(std::span<std::byte> bytes, std::size_t offset, std::uint16_t value);

/// Writes the Internet checksum of an ICMP message (RFC 792). ICMPv6's, which covers addresses too, is verified and
/// made by kernels: it is left zero.
void seal(base::Family family, std::span<std::byte> message);

/// Turns the request `request` (from the ICMP type on) into its echo reply in `reply`.
void make_reply(base::Family family, std::span<const std::byte> request, Bytes& reply);

/// How much of the offending packet a router quotes, and with what in front.
struct QuoteStyle {
  std::optional<std::size_t> icmp_bytes;  ///< of the request, at least 8; all of it where empty
  bool ip_options = false;                ///< IPv4: a record-route option; IPv6: a hop-by-hop header
};

/// An ICMP error of `type` and `code` that quotes `request` as sent from `source` to `destination`.
struct ErrorMessage {
  std::uint8_t type = 0;
  std::uint8_t code = 0;
  base::IpAddress source;       ///< of the quoted packet
  base::IpAddress destination;  ///< of the quoted packet
  QuoteStyle style;
};
void make_error(const ErrorMessage& error, std::span<const std::byte> request, Bytes& message);

}  // namespace sounder::sim
