#include <gtest/gtest.h>

#include <span>
#include <string>
#include <vector>

#include "engine/wire/ipv4.h"
#include "engine/wire/ipv6.h"
#include "tests/unit/wire/hex.h"

namespace sounder::wire {
namespace {

std::vector<std::byte> joined(std::vector<std::byte> head, const std::vector<std::byte>& tail) {
  head.insert(head.end(), tail.begin(), tail.end());
  return head;
}

const auto kIpv4 =
    hex("45 b8 00 18"    // version 4, five words; DSCP 46; total length 24
        "00 01 40 00"    // identification; do not fragment
        "3f 01 00 00"    // TTL 63, ICMP, checksum
        "c0 00 02 01"    // 192.0.2.1
        "c6 33 64 07"    // 198.51.100.7
        "aa bb cc dd");  // payload

TEST(Ipv4, HeaderIsTakenApart) {
  const auto packet = parse_ipv4(kIpv4);
  ASSERT_TRUE(packet);
  EXPECT_EQ(packet->source.to_string(), "192.0.2.1");
  EXPECT_EQ(packet->destination.to_string(), "198.51.100.7");
  EXPECT_EQ(packet->ttl, 63);
  EXPECT_EQ(packet->protocol, kProtocolIcmp);
  EXPECT_EQ(packet->traffic_class, 0xb8);
  EXPECT_TRUE(packet->dont_fragment);
  EXPECT_TRUE(packet->whole);
  EXPECT_EQ(copied(packet->payload), hex("aa bb cc dd"));
}

TEST(Ipv4, OptionsAreSkipped) {
  const auto bytes =
      hex("47 00 00 20 00 00 00 00 40 01 00 00 7f 00 00 01 7f 00 00 01"
          "83 07 04 c0 00 02 09 00"  // loose source route, end of options
          "aa bb cc dd");
  const auto packet = parse_ipv4(bytes);
  ASSERT_TRUE(packet);
  EXPECT_EQ(copied(packet->payload), hex("aa bb cc dd"));
}

TEST(Ipv4, BytesBeyondTheTotalLengthAreNotPayload) {
  const auto packet = parse_ipv4(joined(kIpv4, hex("00 00 00")));
  ASSERT_TRUE(packet);
  EXPECT_EQ(packet->payload.size(), 4U);
  EXPECT_TRUE(packet->whole);
}

TEST(Ipv4, PayloadThatEndsEarlyIsGivenAsFarAsItReaches) {
  const auto packet = parse_ipv4(std::span(kIpv4).first(22));
  ASSERT_TRUE(packet);
  EXPECT_EQ(copied(packet->payload), hex("aa bb"));
  EXPECT_FALSE(packet->whole);
}

TEST(Ipv4, TotalLengthBelowTheHeaderIsIgnored) {
  auto bytes = kIpv4;
  bytes[3] = std::byte{4};
  const auto packet = parse_ipv4(bytes);
  ASSERT_TRUE(packet);
  EXPECT_EQ(packet->payload.size(), 4U);
  EXPECT_FALSE(packet->whole);
}

TEST(Ipv4, FragmentsAreToldAndNeverWhole) {
  auto bytes = kIpv4;
  bytes[6] = std::byte{0x20};
  EXPECT_TRUE(parse_ipv4(bytes)->more_fragments);
  EXPECT_TRUE(parse_ipv4(bytes)->first_fragment());
  EXPECT_FALSE(parse_ipv4(bytes)->whole);
  bytes[6] = std::byte{0x00};
  bytes[7] = std::byte{0xb9};
  EXPECT_EQ(parse_ipv4(bytes)->fragment_offset, 185);
  EXPECT_FALSE(parse_ipv4(bytes)->first_fragment());
  EXPECT_FALSE(parse_ipv4(bytes)->whole);
}

TEST(Ipv4, HeaderThatDoesNotFitIsRefusedAtEveryCut) {
  for (std::size_t size = 0; size < 20; ++size) EXPECT_FALSE(parse_ipv4(std::span(kIpv4).first(size)));
  auto bytes = kIpv4;
  bytes[0] = std::byte{0x47};  // seven words in 24 bytes
  EXPECT_FALSE(parse_ipv4(bytes));
  bytes[0] = std::byte{0x44};  // four words
  EXPECT_FALSE(parse_ipv4(bytes));
  bytes[0] = std::byte{0x65};  // version 6
  EXPECT_FALSE(parse_ipv4(bytes));
}

/// A fixed header with `next_header` that promises `payload_length` bytes.
std::vector<std::byte> ipv6(std::string_view payload_length, std::string_view next_header) {
  return hex(std::string("60 00 00 00")                                // version 6
             + std::string(payload_length) + std::string(next_header)  //
             +
             "40"                                                 // hop limit
             "20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 01"    // 2001:db8::1
             "20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 02");  // 2001:db8::2
}

TEST(Ipv6, HeaderIsTakenApart) {
  const auto bytes = joined(ipv6("00 04", "3a"), hex("aa bb cc dd"));
  const auto packet = parse_ipv6(bytes);
  ASSERT_TRUE(packet);
  EXPECT_EQ(packet->source.to_string(), "2001:db8::1");
  EXPECT_EQ(packet->destination.to_string(), "2001:db8::2");
  EXPECT_EQ(packet->protocol, kProtocolIcmpv6);
  EXPECT_TRUE(packet->whole);
  EXPECT_EQ(copied(packet->payload), hex("aa bb cc dd"));
}

const auto kExtensions =
    hex("2b 00 01 04 00 00 00 00"  // hop-by-hop options: padding; routing follows
        "3c 02 00 00 00 00 00 00"  // routing, 24 bytes; destination options follow
        "00 00 00 00 00 00 00 00"  //
        "00 00 00 00 00 00 00 00"  //
        "2c 00 01 04 00 00 00 00"  // destination options; fragment follows
        "3a 00 00 01 00 00 00 07"  // fragment: offset 0, more follow; ICMPv6 follows
        "aa bb cc dd");

TEST(Ipv6, ExtensionHeadersAreSkipped) {
  const auto bytes = joined(ipv6("00 34", "00"), kExtensions);
  const auto packet = parse_ipv6(bytes);
  ASSERT_TRUE(packet);
  EXPECT_EQ(packet->protocol, kProtocolIcmpv6);
  EXPECT_EQ(copied(packet->payload), hex("aa bb cc dd"));
  EXPECT_TRUE(packet->more_fragments);
  EXPECT_TRUE(packet->first_fragment());
  EXPECT_FALSE(packet->whole);
}

TEST(Ipv6, CutInsideAnyHeaderIsRefused) {
  const auto bytes = joined(ipv6("00 34", "00"), kExtensions);
  const std::size_t payload = bytes.size() - 4;
  for (std::size_t size = 0; size < payload; ++size) EXPECT_FALSE(parse_ipv6(std::span(bytes).first(size))) << size;
  EXPECT_TRUE(parse_ipv6(std::span(bytes).first(payload)));
}

TEST(Ipv6, LaterFragmentEndsTheChain) {
  const auto bytes = joined(ipv6("00 0c", "2c"), hex("00 00 00 b8 00 00 00 07  ff ff ff ff"));
  const auto packet = parse_ipv6(bytes);
  ASSERT_TRUE(packet);
  EXPECT_EQ(packet->fragment_offset, 23);
  EXPECT_FALSE(packet->whole);
}

TEST(Ipv6, BytesBeyondThePayloadLengthAreNotPayload) {
  const auto bytes = joined(ipv6("00 02", "3a"), hex("aa bb cc dd"));
  EXPECT_EQ(copied(parse_ipv6(bytes)->payload), hex("aa bb"));
  EXPECT_TRUE(parse_ipv6(bytes)->whole);
}

TEST(Ipv6, PayloadThatEndsEarlyIsGivenAsFarAsItReaches) {
  const auto bytes = joined(ipv6("00 40", "3a"), hex("aa bb cc dd"));
  EXPECT_EQ(copied(parse_ipv6(bytes)->payload), hex("aa bb cc dd"));
  EXPECT_FALSE(parse_ipv6(bytes)->whole);
}

TEST(Ipv6, OtherVersionsAreRefused) {
  auto bytes = ipv6("00 00", "3a");
  bytes[0] = std::byte{0x40};
  EXPECT_FALSE(parse_ipv6(bytes));
}

}  // namespace
}  // namespace sounder::wire
