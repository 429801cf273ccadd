#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cstdint>
#include <span>
#include <variant>
#include <vector>

#include "engine/wire/echo_payload.h"
#include "engine/wire/echo_request.h"
#include "engine/wire/icmp.h"
#include "engine/wire/ipv4.h"
#include "engine/wire/ipv6.h"
#include "tests/property/wire_packets.h"

namespace sounder::wire {
namespace {

template <class Number>
Number any_number() {
  return *rc::gen::arbitrary<Number>();
}

base::IpAddress any_address(base::Family family) {
  if (family == base::Family::kIpv4) return base::IpAddress::v4(any_number<std::uint32_t>());
  return base::IpAddress::v6(*rc::gen::container<base::IpAddress::V6Bytes>(rc::gen::arbitrary<std::uint8_t>()));
}

base::Family any_family() { return *rc::gen::element(base::Family::kIpv4, base::Family::kIpv6); }

base::SipKey any_key() { return {any_number<std::uint64_t>(), any_number<std::uint64_t>()}; }

/// Mostly the sizes that people probe with, the limits, and now and then any.
std::uint16_t any_data_size() {
  return *rc::gen::weightedOneOf<std::uint16_t>(
      {{6, rc::gen::inRange<std::uint16_t>(0, 100)},
       {2, rc::gen::inRange<std::uint16_t>(0, kMaxEchoData + 1)},
       {1, rc::gen::element<std::uint16_t>(0, 15, 16, 17, 1472, kMaxEchoData)}});
}

TxRequest any_request(base::Family family, std::uint16_t data_size) {
  TxRequest request;
  const Sequence sequence(any_number<std::uint64_t>());
  request.probe = ProbeId(any_number<std::uint32_t>());
  request.destination = any_address(family);
  request.identifier = Identifier(any_number<std::uint16_t>());
  request.sequence = to_wire(sequence);
  request.tag = make_tag(any_key(), request.probe, sequence, request.destination);
  request.data_size = data_size;
  return request;
}

RxPacket packet(base::Family family, const Bytes& bytes) {
  RxPacket packet;
  packet.family = family;
  packet.bytes = bytes;
  return packet;
}

/// What a parser made of an IPv4 or IPv6 header, as far as both have it.
template <class Packet>
void expect_request(const Packet& parsed, const TxRequest& request) {
  RC_ASSERT(parsed.destination == request.destination);
  RC_ASSERT(parsed.whole);
  const auto message = request_bytes(request);
  RC_ASSERT(std::equal(parsed.payload.begin(), parsed.payload.end(), message.begin(), message.end()));
}

RC_GTEST_PROP(WireProperty, AReplyIsReadAsItsRequestWasWritten, ()) {
  const auto family = any_family();
  const auto request = any_request(family, any_data_size());
  const auto bytes = reply_bytes(request);
  const auto parsed = parse_icmp(packet(family, bytes));
  const auto* reply = std::get_if<EchoReply>(&parsed);
  RC_ASSERT(reply != nullptr);
  RC_ASSERT(reply->identifier == request.identifier);
  RC_ASSERT(reply->sequence == request.sequence);
  RC_ASSERT(reply->payload.size() == request.data_size);
  RC_ASSERT(tag_right(reply->payload, request.tag) == (request.data_size >= kEchoTagSize));
  RC_ASSERT(data_right(reply->payload, request.tag, request.data_size));
}

RC_GTEST_PROP(WireProperty, AHeaderIncludedIsReadAsItWasWritten, ()) {
  const PacketOptions options{any_address(base::Family::kIpv4),
                              0,
                              0,
                              *rc::gen::inRange<std::uint8_t>(1, 255),
                              *rc::gen::inRange<std::uint8_t>(0, 64),
                              any_number<bool>()};
  auto request = any_request(base::Family::kIpv4, any_data_size());
  request.options = &options;
  const auto bytes = ipv4_packet(request, 0);
  const auto parsed = parse_ipv4(bytes);
  RC_ASSERT(parsed.has_value());
  RC_ASSERT(parsed->source == *options.source);
  RC_ASSERT(parsed->ttl == options.ttl);
  RC_ASSERT(parsed->traffic_class == options.dscp << 2);
  RC_ASSERT(parsed->dont_fragment == options.dont_fragment);
  RC_ASSERT(parsed->protocol == kProtocolIcmp);
  expect_request(*parsed, request);
}

RC_GTEST_PROP(WireProperty, OptionsOfAnyLengthAreSkipped, ()) {
  const auto request = any_request(base::Family::kIpv4, *rc::gen::inRange<std::uint16_t>(0, 1400));
  const auto bytes = ipv4_packet(request, *rc::gen::inRange<std::size_t>(0, 11));
  const auto parsed = parse_ipv4(bytes);
  RC_ASSERT(parsed.has_value());
  expect_request(*parsed, request);
}

std::vector<std::uint8_t> any_extensions() {
  return *rc::gen::container<std::vector<std::uint8_t>>(rc::gen::element<std::uint8_t>(0, 43, 44, 60));
}

RC_GTEST_PROP(WireProperty, ExtensionHeadersOfAnyNumberAndLengthAreSkipped, ()) {
  const auto request = any_request(base::Family::kIpv6, *rc::gen::inRange<std::uint16_t>(0, 1400));
  auto extensions = any_extensions();
  extensions.resize(std::min<std::size_t>(extensions.size(), 30));  // the whole stays below 64 KiB
  const auto bytes = ipv6_packet(request, extensions, *rc::gen::inRange<std::uint8_t>(1, 255));
  const auto parsed = parse_ipv6(bytes);
  RC_ASSERT(parsed.has_value());
  RC_ASSERT(parsed->protocol == kProtocolIcmpv6);
  expect_request(*parsed, request);
}

/// A request as quoted, with the place where its ICMP message begins.
struct Quote {
  TxRequest request;
  Bytes bytes;
  std::size_t message = 0;
};

Quote any_quote(base::Family family) {
  Quote quote;
  quote.request = any_request(family, *rc::gen::inRange<std::uint16_t>(0, 500));
  if (family == base::Family::kIpv4) {
    quote.bytes = ipv4_packet(quote.request, *rc::gen::inRange<std::size_t>(0, 11));
  } else {
    auto extensions = any_extensions();
    extensions.resize(std::min<std::size_t>(extensions.size(), 6));
    quote.bytes = ipv6_packet(quote.request, extensions, *rc::gen::inRange<std::uint8_t>(1, 4));
  }
  quote.message = quote.bytes.size() - kIcmpHeaderSize - quote.request.data_size;
  return quote;
}

RC_GTEST_PROP(WireProperty, AQuoteNamesItsRequestHoweverItWasCut, ()) {
  const auto family = any_family();
  auto quote = any_quote(family);
  const auto type = family == base::Family::kIpv4 ? *rc::gen::element<std::uint8_t>(3, 11, 12)
                                                  : *rc::gen::inRange<std::uint8_t>(1, 5);
  const auto code = any_number<std::uint8_t>();
  const auto whole_size = quote.bytes.size();
  quote.bytes.resize(*rc::gen::inRange<std::size_t>(0, whole_size + 1));
  const auto bytes = error_bytes(family, type, code, quote.bytes);
  const auto parsed = parse_icmp(packet(family, bytes));
  if (quote.bytes.size() < quote.message + kIcmpHeaderSize) {
    RC_ASSERT(std::holds_alternative<ParseFailure>(parsed));
    RC_ASSERT(std::get<ParseFailure>(parsed) == ParseFailure::kBadQuote);
    return;
  }
  const auto* error = std::get_if<IcmpError>(&parsed);
  RC_ASSERT(error != nullptr);
  RC_ASSERT(error->type == type);
  RC_ASSERT(error->code == code);
  RC_ASSERT(error->destination == quote.request.destination);
  RC_ASSERT(error->identifier == quote.request.identifier);
  RC_ASSERT(error->sequence == quote.request.sequence);
  RC_ASSERT(error->payload.size() == quote.bytes.size() - quote.message - kIcmpHeaderSize);
  RC_ASSERT(data_right(error->payload, quote.request.tag, quote.request.data_size));
  RC_ASSERT(error->whole == (quote.bytes.size() == whole_size));
}

void flip_bit(Bytes& bytes, std::size_t bit) { bytes[bit / 8] ^= static_cast<std::byte>(1U << bit % 8U); }

RC_GTEST_PROP(WireProperty, OneFlippedBitOfTheDataIsNeverRight, ()) {
  const auto request = any_request(any_family(), *rc::gen::inRange<std::uint16_t>(1, 600));
  Bytes data(request.data_size);
  write_echo_data(request.tag, data);
  const auto bit = *rc::gen::inRange<std::size_t>(0, 8 * data.size());
  flip_bit(data, bit);
  RC_ASSERT(!data_right(data, request.tag, request.data_size));
  if (bit < 8 * kEchoTagSize) RC_ASSERT(!tag_right(data, request.tag));
}

RC_GTEST_PROP(WireProperty, OneFlippedBitOfAnIpv4MessageIsSeenByTheChecksum, ()) {
  auto bytes = *rc::gen::element(true, false)
                   ? reply_bytes(any_request(base::Family::kIpv4, *rc::gen::inRange<std::uint16_t>(0, 600)))
                   : error_bytes(base::Family::kIpv4, 3, 1, any_quote(base::Family::kIpv4).bytes);
  flip_bit(bytes, *rc::gen::inRange<std::size_t>(0, 8 * bytes.size()));
  const auto parsed = parse_icmp(packet(base::Family::kIpv4, bytes));
  RC_ASSERT(!std::holds_alternative<EchoReply>(parsed));
  RC_ASSERT(!std::holds_alternative<IcmpError>(parsed));
}

RC_GTEST_PROP(WireProperty, AnotherKeyMakesAnotherTag, ()) {
  const auto key = any_key();
  auto other = key;
  other.at(*rc::gen::inRange<std::size_t>(0, 2)) ^= std::uint64_t{1} << *rc::gen::inRange(0, 64);
  const auto destination = any_address(any_family());
  const ProbeId probe(any_number<std::uint32_t>());
  const Sequence sequence(any_number<std::uint64_t>());
  RC_ASSERT(!(make_tag(key, probe, sequence, destination) == make_tag(other, probe, sequence, destination)));
}

RC_GTEST_PROP(WireProperty, AnyBytesAreReadOrRefused, (const std::vector<std::uint8_t>& noise)) {
  Bytes bytes;
  for (const auto byte : noise) bytes.push_back(static_cast<std::byte>(byte));
  auto received = packet(any_family(), bytes);
  received.checksum_verified = true;
  const auto parsed = parse_icmp(received);
  if (const auto* reply = std::get_if<EchoReply>(&parsed)) RC_ASSERT(reply->payload.size() + 8 == bytes.size());
  if (const auto* error = std::get_if<IcmpError>(&parsed)) RC_ASSERT(error->payload.size() + 36 <= bytes.size());
}

}  // namespace
}  // namespace sounder::wire
