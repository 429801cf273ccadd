/// Reading ICMP messages: replies to our echo requests, and errors that quote them (RFC 792, RFC 4443, RFC 4884).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <variant>

#include "engine/base/ip_address.h"
#include "engine/wire/packet.h"

namespace sounder::wire {

/// Message types that the engine sends, reads or knows by name.
namespace icmpv4 {
inline constexpr std::uint8_t kEchoReply = 0;
inline constexpr std::uint8_t kDestinationUnreachable = 3;
inline constexpr std::uint8_t kEchoRequest = 8;
inline constexpr std::uint8_t kTimeExceeded = 11;
inline constexpr std::uint8_t kParameterProblem = 12;
}  // namespace icmpv4
namespace icmpv6 {
inline constexpr std::uint8_t kDestinationUnreachable = 1;
inline constexpr std::uint8_t kPacketTooBig = 2;
inline constexpr std::uint8_t kTimeExceeded = 3;
inline constexpr std::uint8_t kParameterProblem = 4;
inline constexpr std::uint8_t kEchoRequest = 128;
inline constexpr std::uint8_t kEchoReply = 129;
}  // namespace icmpv6

/// Why a received packet was no ICMP message that we understand.
enum class ParseFailure : std::uint8_t {
  kTooShort,        ///< less than an ICMP header
  kBadChecksum,     ///< ICMPv4; the kernel drops such ICMPv6 messages itself
  kBadQuote,        ///< an error whose quoted packet ends before it could name an echo request, or is no IP packet
  kUnexpectedType,  ///< a type or code that no RFC gives a meaning that concerns us
};
inline constexpr std::size_t kParseFailures = 4;
/// As the label `reason` of sounder_parse_errors_total spells it.
[[nodiscard]] const char* to_string(ParseFailure failure);

/// A reply to some echo request, not yet known to be ours.
struct EchoReply {
  Identifier identifier;
  WireSequence sequence;
  std::span<const std::byte> payload;  ///< The data; borrowed from the packet.
};

/// An error about an echo request, not yet known to be ours.
struct IcmpError {
  base::Family family = base::Family::kIpv4;
  std::uint8_t type = 0;
  std::uint8_t code = 0;
  base::IpAddress destination;  ///< Whom the quoted request was sent to; an address in a quote has no scope.
  Identifier identifier;
  WireSequence sequence;
  std::span<const std::byte> payload;  ///< As much of the request's data as was quoted, often nothing; borrowed.
  bool whole = false;                  ///< The quote holds the request to its end.
};

/// Sound, but no concern of an echo client: requests to this host, neighbour discovery, redirects, source quench
/// (which RFC 6633 §3 has us ignore), errors about packets other than echo requests.
struct NotForUs {};

using IcmpMessage = std::variant<EchoReply, IcmpError, NotForUs, ParseFailure>;

/// Reads `packet`, whatever its bytes are. Pure, no allocation.
///
/// The ICMPv4 checksum is verified unless the packet says that it was, or was cut by our own buffer (its tag and data
/// then stand as far as they reach). kQuoted packets need their `destination`.
[[nodiscard]] IcmpMessage parse_icmp(const RxPacket& packet);

}  // namespace sounder::wire
