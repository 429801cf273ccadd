#include "engine/wire/icmp.h"

#include <gtest/gtest.h>

#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "tests/unit/wire/hex.h"

namespace sounder::wire {
namespace {

using Bytes = std::vector<std::byte>;

/// As a raw socket gives it, its checksum already verified so that the samples need none.
RxPacket message(base::Family family, std::span<const std::byte> bytes) {
  RxPacket packet;
  packet.family = family;
  packet.checksum_verified = true;
  packet.bytes = bytes;
  return packet;
}

IcmpMessage parse_v4(std::span<const std::byte> bytes) { return parse_icmp(message(base::Family::kIpv4, bytes)); }
IcmpMessage parse_v6(std::span<const std::byte> bytes) { return parse_icmp(message(base::Family::kIpv6, bytes)); }

void expect_failure(const IcmpMessage& result, ParseFailure failure) {
  ASSERT_TRUE(std::holds_alternative<ParseFailure>(result)) << "alternative " << result.index();
  EXPECT_EQ(std::get<ParseFailure>(result), failure);
}

void expect_not_for_us(const IcmpMessage& result) {
  EXPECT_TRUE(std::holds_alternative<NotForUs>(result)) << "alternative " << result.index();
}

const Bytes kReplyV4 =
    hex("00 00 3f fa"    // echo reply, checksum
        "12 34 ab cd"    // identifier, sequence
        "00 01 02 03");  // data

TEST(IcmpReply, V4IsRead) {
  auto packet = message(base::Family::kIpv4, kReplyV4);
  packet.checksum_verified = false;
  const auto result = parse_icmp(packet);
  const auto* reply = std::get_if<EchoReply>(&result);
  ASSERT_NE(reply, nullptr);
  EXPECT_EQ(reply->identifier, Identifier(0x1234));
  EXPECT_EQ(reply->sequence, WireSequence(0xabcd));
  EXPECT_EQ(copied(reply->payload), hex("00 01 02 03"));
}

TEST(IcmpReply, V6IsReadWhateverItsChecksum) {
  const auto bytes = hex("81 00 ff ff 12 34 ab cd");
  auto packet = message(base::Family::kIpv6, bytes);
  packet.checksum_verified = false;
  const auto result = parse_icmp(packet);
  const auto* reply = std::get_if<EchoReply>(&result);
  ASSERT_NE(reply, nullptr);
  EXPECT_EQ(reply->sequence, WireSequence(0xabcd));
  EXPECT_TRUE(reply->payload.empty());
}

TEST(IcmpReply, V4WithABadChecksumIsRefusedUnlessTheKernelLooked) {
  auto bytes = kReplyV4;
  bytes[11] ^= std::byte{1};
  auto packet = message(base::Family::kIpv4, bytes);
  EXPECT_TRUE(std::holds_alternative<EchoReply>(parse_icmp(packet)));
  packet.checksum_verified = false;
  expect_failure(parse_icmp(packet), ParseFailure::kBadChecksum);
}

TEST(IcmpReply, CutByOurBufferIsReadAsFarAsItReaches) {
  auto packet = message(base::Family::kIpv4, std::span(kReplyV4).first(10));
  packet.checksum_verified = false;
  packet.truncated = true;
  EXPECT_TRUE(std::holds_alternative<EchoReply>(parse_icmp(packet)));
}

TEST(IcmpReply, ShorterThanAHeaderIsRefused) {
  for (std::size_t size = 0; size < 8; ++size) {
    expect_failure(parse_v4(std::span(kReplyV4).first(size)), ParseFailure::kTooShort);
    expect_failure(parse_v6(std::span(kReplyV4).first(size)), ParseFailure::kTooShort);
  }
}

TEST(IcmpOther, RequestsRedirectsAndNeighbourDiscoveryAreNotForUs) {
  for (const auto* type : {"04", "05", "08", "09", "0a", "0d", "11", "2a"}) {
    expect_not_for_us(parse_v4(hex(std::string(type) + "00 00 00 00 00 00 00")));
  }
  for (const auto* type : {"80", "82", "85", "86", "87", "88", "89", "ff"}) {
    expect_not_for_us(parse_v6(hex(std::string(type) + "00 00 00 00 00 00 00")));
  }
}

TEST(IcmpOther, TypesAndCodesWithoutMeaningAreUnexpected) {
  for (const auto* head : {"00 01", "01 00", "02 00", "2c 00", "81 00"}) {
    expect_failure(parse_v4(hex(std::string(head) + "00 00 00 00 00 00")), ParseFailure::kUnexpectedType);
  }
  for (const auto* head : {"81 01", "00 00", "05 00", "7f 00"}) {
    expect_failure(parse_v6(hex(std::string(head) + "00 00 00 00 00 00")), ParseFailure::kUnexpectedType);
  }
}

// ---- errors about IPv4 requests ----

constexpr std::string_view kUnreachableV4 = "03 01 00 00 00 00 00 00";  // destination unreachable: host
constexpr std::string_view kQuoteHeaderV4 =
    "45 00 00 30 00 01 40 00 40 01 00 00"                           // total length 48, ICMP
    "c0 00 02 01 c6 33 64 07";                                      // from 192.0.2.1 to 198.51.100.7
constexpr std::string_view kRequestV4 = "08 00 00 00 12 34 ab cd";  // echo request, identifier, sequence
constexpr std::string_view kData =
    "01 02 03 04 a1 a2 ab cd"  // probe, sequence
    "11 22 33 44 55 66 77 88"  // tag
    "10 11 12 13";             // fill

Bytes bytes_of(std::initializer_list<std::string_view> parts) {
  std::string text;
  for (const auto part : parts) text += part;
  return hex(text);
}

TEST(IcmpErrorV4, NamesTheQuotedRequest) {
  const auto bytes = bytes_of({kUnreachableV4, kQuoteHeaderV4, kRequestV4, kData});
  const auto result = parse_v4(bytes);
  const auto* error = std::get_if<IcmpError>(&result);
  ASSERT_NE(error, nullptr);
  EXPECT_EQ(error->family, base::Family::kIpv4);
  EXPECT_EQ(error->type, 3);
  EXPECT_EQ(error->code, 1);
  EXPECT_EQ(error->destination.to_string(), "198.51.100.7");
  EXPECT_EQ(error->identifier, Identifier(0x1234));
  EXPECT_EQ(error->sequence, WireSequence(0xabcd));
  EXPECT_EQ(copied(error->payload), hex(kData));
  EXPECT_TRUE(error->whole);
}

TEST(IcmpErrorV4, EightBytesOfTheRequestAreEnough) {
  const auto bytes = bytes_of({kUnreachableV4, kQuoteHeaderV4, kRequestV4});
  const auto result = parse_v4(bytes);
  const auto* error = std::get_if<IcmpError>(&result);
  ASSERT_NE(error, nullptr);
  EXPECT_EQ(error->sequence, WireSequence(0xabcd));
  EXPECT_TRUE(error->payload.empty());
  EXPECT_FALSE(error->whole);
}

TEST(IcmpErrorV4, QuoteCutShorterIsRefusedAtEveryCut) {
  const auto bytes = bytes_of({kUnreachableV4, kQuoteHeaderV4, kRequestV4});
  for (std::size_t size = 8; size < bytes.size(); ++size) {
    expect_failure(parse_v4(std::span(bytes).first(size)), ParseFailure::kBadQuote);
  }
}

TEST(IcmpErrorV4, OptionsInTheQuoteAreSkipped) {
  const auto bytes = bytes_of({kUnreachableV4,
                               "47 00 00 24 00 01 40 00 40 01 00 00 c0 00 02 01 c6 33 64 07"
                               "94 04 00 00 01 01 01 00",  // router alert, padding
                               kRequestV4});
  const auto result = parse_v4(bytes);
  const auto* error = std::get_if<IcmpError>(&result);
  ASSERT_NE(error, nullptr);
  EXPECT_EQ(error->sequence, WireSequence(0xabcd));
  EXPECT_TRUE(error->whole);
  for (std::size_t size = 8; size < bytes.size(); ++size) {
    expect_failure(parse_v4(std::span(bytes).first(size)), ParseFailure::kBadQuote);
  }
}

TEST(IcmpErrorV4, TimeExceededAndParameterProblemAreErrors) {
  for (const std::string_view head : {"0b 00 00 00 00 00 00 00", "0c 00 00 00 14 00 00 00"}) {
    EXPECT_TRUE(std::holds_alternative<IcmpError>(parse_v4(bytes_of({head, kQuoteHeaderV4, kRequestV4}))));
  }
}

TEST(IcmpErrorV4, ExtensionsAfterTheQuoteAreNotData) {
  // RFC 4884: the quote is padded to 128 bytes (32 words), an MPLS label stack follows. Total length 148 would reach
  // it.
  std::string quote = "45 00 00 94 00 01 40 00 01 01 00 00 c0 00 02 01 c6 33 64 07";
  quote += kRequestV4;
  for (int i = 0; i < 100; ++i) quote += "5a";
  const auto bytes = bytes_of({"0b 00 00 00 00 20 00 00", quote,
                               "20 00 00 00"     // version 2, checksum
                               "00 08 01 01"     // MPLS label stack, eight bytes
                               "00 00 11 01"});  // a label
  const auto result = parse_v4(bytes);
  const auto* error = std::get_if<IcmpError>(&result);
  ASSERT_NE(error, nullptr);
  EXPECT_EQ(copied(error->payload), Bytes(100, std::byte{0x5a}));
  EXPECT_FALSE(error->whole);
}

TEST(IcmpErrorV4, QuotesOfOtherPacketsAreNotForUs) {
  // UDP; an echo reply; a later fragment.
  expect_not_for_us(parse_v4(bytes_of(
      {kUnreachableV4, "45 00 00 1c 00 01 40 00 40 11 00 00 c0 00 02 01 c6 33 64 07", "82 35 00 35 00 08 00 00"})));
  expect_not_for_us(parse_v4(bytes_of({kUnreachableV4, kQuoteHeaderV4, "00 00 00 00 12 34 ab cd"})));
  expect_not_for_us(
      parse_v4(bytes_of({kUnreachableV4, "45 00 00 1c 00 01 00 b9 40 01 00 00 c0 00 02 01 c6 33 64 07", kRequestV4})));
}

TEST(IcmpErrorV4, ChecksumIsVerified) {
  // ~(0301 + 4500 + 0030 + 0001 + 4000 + 4001 + c000 + 0201 + c633 + 6407 + 0800 + 1234 + abcd), folded: 858d.
  auto bytes = bytes_of({"03 01 85 8d 00 00 00 00", kQuoteHeaderV4, kRequestV4});
  auto packet = message(base::Family::kIpv4, bytes);
  packet.checksum_verified = false;
  EXPECT_TRUE(std::holds_alternative<IcmpError>(parse_icmp(packet)));
  bytes[30] ^= std::byte{0x80};
  expect_failure(parse_icmp(packet), ParseFailure::kBadChecksum);
}

// ---- errors about IPv6 requests ----

constexpr std::string_view kUnreachableV6 = "01 03 00 00 00 00 00 00";  // destination unreachable: address
constexpr std::string_view kAddressesV6 =
    "20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 01"   // 2001:db8::1
    "20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 02";  // 2001:db8::2
constexpr std::string_view kRequestV6 = "80 00 be ef 12 34 ab cd";

TEST(IcmpErrorV6, NamesTheQuotedRequest) {
  const auto bytes = bytes_of({kUnreachableV6, "60 00 00 00 00 1c 3a 40", kAddressesV6, kRequestV6, kData});
  const auto result = parse_v6(bytes);
  const auto* error = std::get_if<IcmpError>(&result);
  ASSERT_NE(error, nullptr);
  EXPECT_EQ(error->family, base::Family::kIpv6);
  EXPECT_EQ(error->type, 1);
  EXPECT_EQ(error->code, 3);
  EXPECT_EQ(error->destination.to_string(), "2001:db8::2");
  EXPECT_EQ(error->identifier, Identifier(0x1234));
  EXPECT_EQ(error->sequence, WireSequence(0xabcd));
  EXPECT_EQ(copied(error->payload), hex(kData));
  EXPECT_TRUE(error->whole);
}

TEST(IcmpErrorV6, ExtensionHeadersAreSkippedAndEveryCutRefused) {
  const auto bytes = bytes_of({"02 00 00 00 00 00 05 00",  // packet too big, MTU 1280
                               "60 00 00 00 05 b0 00 40", kAddressesV6,
                               "2b 00 05 02 00 00 01 00"   // hop-by-hop: router alert; routing follows
                               "3c 00 04 00 00 00 00 00"   // routing, no segment left; destination options follow
                               "2c 00 01 04 00 00 00 00"   // destination options; fragment follows
                               "3a 00 00 01 00 00 00 07",  // first fragment; ICMPv6 follows
                               kRequestV6});
  const auto result = parse_v6(bytes);
  const auto* error = std::get_if<IcmpError>(&result);
  ASSERT_NE(error, nullptr);
  EXPECT_EQ(error->type, 2);
  EXPECT_EQ(error->sequence, WireSequence(0xabcd));
  EXPECT_FALSE(error->whole);
  for (std::size_t size = 8; size < bytes.size(); ++size) {
    expect_failure(parse_v6(std::span(bytes).first(size)), ParseFailure::kBadQuote);
  }
}

TEST(IcmpErrorV6, QuotesOfOtherPacketsAreNotForUs) {
  expect_not_for_us(  // TCP
      parse_v6(bytes_of({kUnreachableV6, "60 00 00 00 00 14 06 40", kAddressesV6, "00 00 00 00 00 00 00 00"})));
  expect_not_for_us(  // a neighbour solicitation
      parse_v6(bytes_of({kUnreachableV6, "60 00 00 00 00 18 3a ff", kAddressesV6, "87 00 00 00 00 00 00 00"})));
  expect_not_for_us(  // a later fragment
      parse_v6(
          bytes_of({kUnreachableV6, "60 00 00 00 00 10 2c 40", kAddressesV6, "3a 00 00 b8 00 00 00 07", kRequestV6})));
}

TEST(IcmpErrorV6, AQuoteOfTheOtherFamilyIsRefused) {
  expect_failure(parse_v6(bytes_of({kUnreachableV6, kQuoteHeaderV4, kRequestV4, kData, kData})),
                 ParseFailure::kBadQuote);
  expect_failure(parse_v4(bytes_of({kUnreachableV4, "60 00 00 00 00 08 3a 40", kAddressesV6, kRequestV6})),
                 ParseFailure::kBadQuote);
}

// ---- errors from a socket's error queue ----

class QuotedPacket : public ::testing::Test {
 protected:
  QuotedPacket() {
    packet_.form = RxPacket::Form::kQuoted;
    packet_.family = base::Family::kIpv6;
    packet_.error_type = icmpv6::kTimeExceeded;
    packet_.destination = base::IpAddress::parse("fe80::2%3");
    packet_.bytes = request_;
  }

  Bytes request_ = bytes_of({kRequestV6, kData});
  RxPacket packet_;
};

TEST_F(QuotedPacket, IsReadWithItsDestination) {
  const auto result = parse_icmp(packet_);
  const auto* error = std::get_if<IcmpError>(&result);
  ASSERT_NE(error, nullptr);
  EXPECT_EQ(error->type, icmpv6::kTimeExceeded);
  EXPECT_EQ(error->destination, packet_.destination);
  EXPECT_EQ(error->identifier, Identifier(0x1234));
  EXPECT_EQ(error->sequence, WireSequence(0xabcd));
  EXPECT_EQ(copied(error->payload), hex(kData));
}

TEST_F(QuotedPacket, CutBelowTheHeaderIsRefused) {
  packet_.bytes = packet_.bytes.first(7);
  expect_failure(parse_icmp(packet_), ParseFailure::kBadQuote);
}

TEST_F(QuotedPacket, WithoutDestinationIsRefused) {
  packet_.destination.reset();
  expect_failure(parse_icmp(packet_), ParseFailure::kBadQuote);
}

TEST_F(QuotedPacket, OfAnotherKindIsNotForUs) {
  request_[0] = std::byte{icmpv6::kEchoReply};
  expect_not_for_us(parse_icmp(packet_));
}

TEST_F(QuotedPacket, WhoseErrorIsNoneIsNoError) {
  packet_.error_type = 137;  // redirect
  expect_not_for_us(parse_icmp(packet_));
  packet_.error_type = 100;
  expect_failure(parse_icmp(packet_), ParseFailure::kUnexpectedType);
}

TEST(ParseFailureName, IsItsLabel) {
  EXPECT_STREQ(to_string(ParseFailure::kTooShort), "too_short");
  EXPECT_STREQ(to_string(ParseFailure::kBadChecksum), "bad_checksum");
  EXPECT_STREQ(to_string(ParseFailure::kBadQuote), "bad_quote");
  EXPECT_STREQ(to_string(ParseFailure::kUnexpectedType), "unexpected_type");
}

}  // namespace
}  // namespace sounder::wire
