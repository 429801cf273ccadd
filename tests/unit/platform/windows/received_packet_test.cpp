#include "engine/platform/windows/received_packet.h"

#include <gtest/gtest.h>

#include <vector>

#include "tests/unit/wire/hex.h"

namespace sounder::platform::windows {
namespace {

using base::Family;
using wire::Identifier;

constexpr Identifier kOurs(0x4d31);
constexpr Identifier kOther(0x314d);

/// 10.0.0.2 → 10.0.0.1, TTL 63, one option word, an echo reply with our identifier.
const std::vector<std::byte> kReplyV4 = wire::hex(
    "46 00 00 20  00 00 00 00  3f 01 00 00  0a 00 00 02  0a 00 00 01  01 01 01 01"
    "00 00 b2 c7  4d 31 00 07");

TEST(ReceivedPacket, TakesTheIpv4HeaderOff) {
  const auto packet = read_packet(Family::kIpv4, kReplyV4, {}, false);
  ASSERT_TRUE(packet);
  EXPECT_EQ(packet->source, base::IpAddress::parse("10.0.0.2"));
  EXPECT_EQ(packet->destination, base::IpAddress::parse("10.0.0.1"));
  EXPECT_EQ(packet->ttl, 63);
  EXPECT_EQ(packet->bytes.size(), 8U);
  EXPECT_FALSE(packet->checksum_verified);
  EXPECT_FALSE(packet->truncated);
  EXPECT_FALSE(packet->stamp);
  EXPECT_TRUE(concerns(*packet, kOurs));
  EXPECT_FALSE(concerns(*packet, kOther));
}

TEST(ReceivedPacket, NoIpv4HeaderIsNoPacket) {
  EXPECT_FALSE(read_packet(Family::kIpv4, wire::hex("00 00 b2 c7 4d 31 00 07"), {}, false));
  EXPECT_FALSE(read_packet(Family::kIpv4, {}, {}, false));
}

TEST(ReceivedPacket, TakesTheEnvelopeOfIpv6) {
  const auto bytes = wire::hex("81 00 12 34  4d 31 00 07");
  Envelope envelope{base::IpAddress::parse("fe80::2%3"), base::IpAddress::parse("fe80::1%3"), 60};
  const auto packet = read_packet(Family::kIpv6, bytes, envelope, true);
  ASSERT_TRUE(packet);
  EXPECT_EQ(packet->source, envelope.source);
  EXPECT_EQ(packet->destination, envelope.destination);
  EXPECT_EQ(packet->ttl, 60);
  EXPECT_TRUE(packet->checksum_verified);
  EXPECT_TRUE(packet->truncated);
  EXPECT_TRUE(concerns(*packet, kOurs));
  EXPECT_FALSE(read_packet(Family::kIpv6, bytes, {}, false)) << "nobody can have sent it";
}

wire::RxPacket message(Family family, const std::vector<std::byte>& bytes) {
  wire::RxPacket packet;
  packet.family = family;
  packet.checksum_verified = true;
  packet.bytes = bytes;
  return packet;
}

TEST(ReceivedPacket, OwnRequestsOnLoopbackConcernNobody) {
  EXPECT_FALSE(concerns(message(Family::kIpv4, wire::hex("08 00 00 00 4d 31 00 07")), kOurs));
  EXPECT_FALSE(concerns(message(Family::kIpv6, wire::hex("80 00 00 00 4d 31 00 07")), kOurs));
}

TEST(ReceivedPacket, NeighbourDiscoveryAndScrapsConcernNobody) {
  EXPECT_FALSE(concerns(message(Family::kIpv6, wire::hex("88 00 00 00 4d 31 00 07")), kOurs));
  EXPECT_FALSE(concerns(message(Family::kIpv4, wire::hex("00 00 00")), kOurs));
  EXPECT_FALSE(concerns(message(Family::kIpv4, {}), kOurs));
}

TEST(ReceivedPacket, ErrorsAreOursByTheRequestTheyQuote) {
  const auto error = wire::hex(
      "0b 00 00 00  00 00 00 00"                                         // time exceeded
      "45 00 00 1c  00 00 00 00  01 01 00 00  0a 00 00 01  0a 00 00 09"  // of an IPv4 packet to 10.0.0.9
      "08 00 00 00  4d 31 00 07");                                       // that was our echo request
  EXPECT_TRUE(concerns(message(Family::kIpv4, error), kOurs));
  EXPECT_FALSE(concerns(message(Family::kIpv4, error), kOther));
  const std::vector<std::byte> cut(error.begin(), error.begin() + 20);
  EXPECT_FALSE(concerns(message(Family::kIpv4, cut), kOurs));
}

}  // namespace
}  // namespace sounder::platform::windows
