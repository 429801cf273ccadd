#include "engine/base/ip_address.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>

namespace sounder::base {
namespace {

std::string canonical(std::string_view text) {
  const auto address = IpAddress::parse(text);
  return address ? address->to_string() : "refused";
}

TEST(IpAddress, DottedQuadIsReadAndPrinted) {
  for (const auto* text : {"0.0.0.0", "127.0.0.1", "192.0.2.10", "255.255.255.255"}) EXPECT_EQ(canonical(text), text);
  EXPECT_EQ(IpAddress::parse("127.0.0.1"), IpAddress::v4(0x7f000001));
  EXPECT_EQ(IpAddress::parse("192.0.2.10")->v4_host_order(), 0xc000020aU);
}

TEST(IpAddress, DottedQuadOfAnyOtherFormIsRefused) {
  for (const auto* text :
       {"", "1", "1.2.3", "1.2.3.4.5", "1.2.3.256", "1.2.3.-1", "1.2.3.+1", "01.2.3.4", "1.2.3.04", "0x1.2.3.4",
        "1.2.3.4 ", " 1.2.3.4", "1..2.3", "1.2.3.", ".1.2.3", "1.2.3.4%1", "a.b.c.d", "1.2.3.0000000001"}) {
    EXPECT_EQ(canonical(text), "refused") << text;
  }
}

TEST(IpAddress, Ipv6IsPrintedAsRfc5952Recommends) {
  const std::pair<const char*, const char*> kSamples[] = {
      {"::", "::"},
      {"::1", "::1"},
      {"1::", "1::"},
      {"2001:0db8:0000:0000:0000:0000:0000:0001", "2001:db8::1"},  // §4.1: no leading zeros
      {"2001:db8::1:1:1:1:1", "2001:db8:0:1:1:1:1:1"},             // §4.2.2: one group is not shortened
      {"2001:0:0:1:0:0:0:1", "2001:0:0:1::1"},                     // §4.2.3: the longest run
      {"2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"},               // §4.2.3: the first of equal runs
      {"2001:DB8::ABCD", "2001:db8::abcd"},                        // §4.3: lower case
      {"1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"},
      {"::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"},
      {"::ffff:192.0.2.1", "::ffff:192.0.2.1"},  // §5
      {"::ffff:c000:201", "::ffff:192.0.2.1"},
      {"64:ff9b::192.0.2.33", "64:ff9b::c000:221"},
      {"1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:102:304"},
  };
  for (const auto& [text, expected] : kSamples) EXPECT_EQ(canonical(text), expected) << text;
}

TEST(IpAddress, Ipv6OfAnyOtherFormIsRefused) {
  for (const auto* text :
       {":", ":::", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1::2::3", "1:2:3:4:5:6:7:8::", "12345::", "g::", ":1::2",
        "1::2:", "1.2.3.4::", "::1.2.3", "::1.2.3.4:5", "1:2:3:4:5:6:7:1.2.3.4", "::1 ", "[::1]", "::0x1"}) {
    EXPECT_EQ(canonical(text), "refused") << text;
  }
}

TEST(IpAddress, ScopeIsANumberAfterThePercentSign) {
  EXPECT_EQ(canonical("fe80::1%3"), "fe80::1%3");
  EXPECT_EQ(IpAddress::parse("fe80::1%4294967295")->scope(), 4294967295U);
  EXPECT_EQ(IpAddress::parse("fe80::1")->with_scope(3), IpAddress::parse("fe80::1%3"));
  for (const auto* text : {"fe80::1%", "fe80::1%0", "fe80::1%eth0", "fe80::1%-1", "fe80::1%4294967296"}) {
    EXPECT_EQ(canonical(text), "refused") << text;
  }
}

TEST(IpAddress, KindsAreTold) {
  EXPECT_TRUE(IpAddress().is_unspecified());
  EXPECT_TRUE(IpAddress::parse("::")->is_unspecified());
  EXPECT_FALSE(IpAddress::parse("::1")->is_unspecified());
  EXPECT_TRUE(IpAddress::parse("224.0.0.1")->is_multicast());
  EXPECT_TRUE(IpAddress::parse("239.255.255.255")->is_multicast());
  EXPECT_FALSE(IpAddress::parse("240.0.0.1")->is_multicast());
  EXPECT_TRUE(IpAddress::parse("ff02::1")->is_multicast());
  EXPECT_TRUE(IpAddress::parse("127.255.0.3")->is_loopback());
  EXPECT_TRUE(IpAddress::parse("::1")->is_loopback());
  EXPECT_FALSE(IpAddress::parse("::2")->is_loopback());
  EXPECT_FALSE(IpAddress::parse("1::1")->is_loopback());
  EXPECT_TRUE(IpAddress::parse("febf::1")->is_link_local_v6());
  EXPECT_FALSE(IpAddress::parse("fec0::1")->is_link_local_v6());
  EXPECT_FALSE(IpAddress::parse("169.254.0.1")->is_link_local_v6());
}

TEST(IpAddress, FamiliesAreNeverEqual) {
  EXPECT_NE(IpAddress(), *IpAddress::parse("::"));
  EXPECT_NE(*IpAddress::parse("fe80::1%1"), *IpAddress::parse("fe80::1%2"));
}

TEST(IpAddress, HashSpreadsTheAddressesOfABlock) {
  std::unordered_set<std::size_t> low_bits;
  for (std::uint32_t i = 0; i < 4096; ++i) {
    low_bits.insert(std::hash<IpAddress>{}(IpAddress::v4(0x7f000000U + i)) & 0xffffU);
  }
  // 4096 values thrown at random into 65,536 places meet in some 125 of them.
  EXPECT_GT(low_bits.size(), 3800U);
}

}  // namespace
}  // namespace sounder::base
