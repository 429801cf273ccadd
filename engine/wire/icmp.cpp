#include "engine/wire/icmp.h"

#include <algorithm>
#include <array>
#include <optional>

#include "engine/wire/byte_order.h"
#include "engine/wire/checksum.h"
#include "engine/wire/echo_request.h"
#include "engine/wire/ipv4.h"
#include "engine/wire/ipv6.h"

namespace sounder::wire {

namespace {

enum class MessageClass : std::uint8_t { kEchoReply, kError, kNotForUs, kUnexpected };

MessageClass classify_v4(std::uint8_t type, std::uint8_t code) {
  // Source quench, redirect, echo request, router discovery, the queries of RFC 792 and RFC 950, extended echo.
  constexpr std::array<std::uint8_t, 13> kOthers{4, 5, icmpv4::kEchoRequest, 9, 10, 13, 14, 15, 16, 17, 18, 42, 43};
  switch (type) {
    case icmpv4::kEchoReply:
      return code == 0 ? MessageClass::kEchoReply : MessageClass::kUnexpected;
    case icmpv4::kDestinationUnreachable:
    case icmpv4::kTimeExceeded:
    case icmpv4::kParameterProblem:
      return MessageClass::kError;
    default:
      return std::find(kOthers.begin(), kOthers.end(), type) != kOthers.end() ? MessageClass::kNotForUs
                                                                              : MessageClass::kUnexpected;
  }
}

MessageClass classify_v6(std::uint8_t type, std::uint8_t code) {
  constexpr std::uint8_t kFirstInformational = 128;  // RFC 4443 §2.1
  switch (type) {
    case icmpv6::kEchoReply:
      return code == 0 ? MessageClass::kEchoReply : MessageClass::kUnexpected;
    case icmpv6::kDestinationUnreachable:
    case icmpv6::kPacketTooBig:
    case icmpv6::kTimeExceeded:
    case icmpv6::kParameterProblem:
      return MessageClass::kError;
    default:
      return type >= kFirstInformational ? MessageClass::kNotForUs : MessageClass::kUnexpected;
  }
}

MessageClass classify(base::Family family, std::uint8_t type, std::uint8_t code) {
  return family == base::Family::kIpv4 ? classify_v4(type, code) : classify_v6(type, code);
}

bool is_echo_request(base::Family family, std::span<const std::byte> message) {
  const auto request = family == base::Family::kIpv4 ? icmpv4::kEchoRequest : icmpv6::kEchoRequest;
  return load<std::uint8_t>(message, 0) == request && load<std::uint8_t>(message, 1) == 0;
}

/// An error's own facts, before its quote has been looked at.
IcmpError error_about(base::Family family, std::uint8_t type, std::uint8_t code, const base::IpAddress& destination) {
  IcmpError error;
  error.family = family;
  error.type = type;
  error.code = code;
  error.destination = destination;
  return error;
}

/// Completes `error` from the request's ICMP message as quoted.
IcmpMessage with_request(IcmpError error, std::span<const std::byte> request, bool whole) {
  if (request.size() < kIcmpHeaderSize) return ParseFailure::kBadQuote;
  if (!is_echo_request(error.family, request)) return NotForUs{};
  error.identifier = Identifier(load<std::uint16_t>(request, 4));
  error.sequence = WireSequence(load<std::uint16_t>(request, 6));
  error.payload = request.subspan(kIcmpHeaderSize);
  error.whole = whole;
  return error;
}

/// What an error quotes: all after its header, up to the extensions of RFC 4884 where it says that it has some. A
/// length below the RFC's 128 bytes or beyond the message is what a sender that knows no extensions left there: no
/// length.
std::span<const std::byte> quote_of(base::Family family, std::uint8_t type, std::span<const std::byte> message) {
  constexpr std::size_t kLeastWithExtensions = 128;
  const auto quote = message.subspan(kIcmpHeaderSize);
  std::size_t length = 0;
  if (family == base::Family::kIpv4) {
    length = std::size_t{4} * load<std::uint8_t>(message, 5);
  } else if (type == icmpv6::kDestinationUnreachable || type == icmpv6::kTimeExceeded) {
    length = std::size_t{8} * load<std::uint8_t>(message, 4);
  }
  return length >= kLeastWithExtensions && length <= quote.size() ? quote.first(length) : quote;
}

IcmpMessage parse_v4_error(std::uint8_t type, std::uint8_t code, std::span<const std::byte> quote) {
  const auto packet = parse_ipv4(quote);
  if (!packet) return ParseFailure::kBadQuote;
  // A later fragment does not tell whose it is.
  if (packet->protocol != kProtocolIcmp || !packet->first_fragment()) return NotForUs{};
  return with_request(error_about(base::Family::kIpv4, type, code, packet->destination), packet->payload,
                      packet->whole);
}

IcmpMessage parse_v6_error(std::uint8_t type, std::uint8_t code, std::span<const std::byte> quote) {
  const auto packet = parse_ipv6(quote);
  if (!packet) return ParseFailure::kBadQuote;
  if (packet->protocol != kProtocolIcmpv6 || !packet->first_fragment()) return NotForUs{};
  return with_request(error_about(base::Family::kIpv6, type, code, packet->destination), packet->payload,
                      packet->whole);
}

/// An error that the system took apart.
IcmpMessage parse_quoted(const RxPacket& packet) {
  switch (classify(packet.family, packet.error_type, packet.error_code)) {
    case MessageClass::kError:
      break;
    case MessageClass::kUnexpected:
      return ParseFailure::kUnexpectedType;
    default:
      return NotForUs{};
  }
  if (!packet.destination) return ParseFailure::kBadQuote;
  return with_request(error_about(packet.family, packet.error_type, packet.error_code, *packet.destination),
                      packet.bytes, !packet.truncated);
}

bool checksum_right(const RxPacket& packet) {
  return packet.family == base::Family::kIpv6 || packet.checksum_verified || packet.truncated ||
         checksum(packet.bytes) == 0;
}

IcmpMessage parse_message(const RxPacket& packet) {
  const auto message = packet.bytes;
  if (message.size() < kIcmpHeaderSize) return ParseFailure::kTooShort;
  const auto type = load<std::uint8_t>(message, 0);
  const auto code = load<std::uint8_t>(message, 1);
  const auto message_class = classify(packet.family, type, code);
  if (message_class == MessageClass::kNotForUs) return NotForUs{};
  if (!checksum_right(packet)) return ParseFailure::kBadChecksum;
  if (message_class == MessageClass::kUnexpected) return ParseFailure::kUnexpectedType;
  if (message_class == MessageClass::kEchoReply) {
    return EchoReply{Identifier(load<std::uint16_t>(message, 4)), WireSequence(load<std::uint16_t>(message, 6)),
                     message.subspan(kIcmpHeaderSize)};
  }
  const auto quote = quote_of(packet.family, type, message);
  return packet.family == base::Family::kIpv4 ? parse_v4_error(type, code, quote) : parse_v6_error(type, code, quote);
}

}  // namespace

const char* to_string(ParseFailure failure) {
  switch (failure) {
    case ParseFailure::kTooShort:
      return "too_short";
    case ParseFailure::kBadChecksum:
      return "bad_checksum";
    case ParseFailure::kBadQuote:
      return "bad_quote";
    case ParseFailure::kUnexpectedType:
      return "unexpected_type";
  }
  return "unexpected_type";
}

IcmpMessage parse_icmp(const RxPacket& packet) {
  return packet.form == RxPacket::Form::kQuoted ? parse_quoted(packet) : parse_message(packet);
}

}  // namespace sounder::wire
