#include "config/host.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sounder::config {
namespace {

using base::IpAddress;

IpAddress address(const char* text) { return *IpAddress::parse(text); }

std::string refusal(std::string_view text) {
  const auto host = parse_host(text);
  return host ? "allowed" : host.error();
}

TEST(Host, ReadsAddresses) {
  EXPECT_EQ(std::get<probe::HostAddress>(*parse_host("127.0.0.1")), (probe::HostAddress{address("127.0.0.1"), ""}));
  EXPECT_EQ(std::get<probe::HostAddress>(*parse_host("2001:DB8::1")), (probe::HostAddress{address("2001:db8::1"), ""}));
  EXPECT_EQ(std::get<probe::HostAddress>(*parse_host("fe80::1%eth0")),
            (probe::HostAddress{address("fe80::1"), "eth0"}));
  EXPECT_EQ(std::get<probe::HostAddress>(*parse_host("fe80::1%2")), (probe::HostAddress{address("fe80::1"), "2"}));
}

TEST(Host, ReadsNamesOfRfc1123) {
  const std::string longest =
      std::string(63, 'a') + "." + std::string(63, 'b') + "." + std::string(63, 'c') + "." + std::string(61, 'd');
  for (const auto& name : {std::string("localhost"), std::string("a.example"), std::string("3com.example"),
                           std::string("x-1.example."), std::string("10-0-0-1.example"), longest}) {
    const auto host = parse_host(name);
    ASSERT_TRUE(host) << name << ": " << host.error();
    EXPECT_EQ(std::get<probe::HostName>(*host).name, name);
  }
}

TEST(Host, RefusesWhatIsNoHost) {
  const std::string none = " is neither an address, a block, a range nor a host name (RFC 1123)";
  for (const std::string text : {"10.0.0.256", "127.1", "10.0.0.01", "1.2.3.4.5", "a_b.example", "-a.example",
                                 "a-.example", "a..example", ".example", "::1::2", "12345", "x:y"}) {
    EXPECT_EQ(refusal(text), text + none);
  }
  EXPECT_EQ(refusal(""), "\"\"" + none);
  EXPECT_EQ(refusal("."), "." + none);
  EXPECT_EQ(refusal("a b"), "\"a b\"" + none);
  EXPECT_EQ(refusal(std::string(64, 'a')), std::string(64, 'a') + none);
}

TEST(Host, RefusesPortsAndSaysWhatToWrite) {
  EXPECT_EQ(refusal("a.example:9100"), "a.example:9100 has a port, which ICMP does not; write a.example");
  EXPECT_EQ(refusal("127.0.0.1:80"), "127.0.0.1:80 has a port, which ICMP does not; write 127.0.0.1");
  EXPECT_EQ(refusal("[::1]:80"), "[::1]:80 has a port, which ICMP does not; write ::1");
}

TEST(Host, RefusesAddressesThatAreNoTargets) {
  EXPECT_EQ(refusal("0.0.0.0"), "0.0.0.0 is the unspecified address, which can't be a target");
  EXPECT_EQ(refusal("::"), ":: is the unspecified address, which can't be a target");
  EXPECT_EQ(refusal("224.0.0.1"), "224.0.0.1 is multicast, which can't be a target");
  EXPECT_EQ(refusal("239.255.255.255"), "239.255.255.255 is multicast, which can't be a target");
  EXPECT_EQ(refusal("ff02::1"), "ff02::1 is multicast, which can't be a target");
  EXPECT_EQ(refusal("255.255.255.255"), "255.255.255.255 is the broadcast address, which can't be a target");
  EXPECT_EQ(refusal("::ffff:10.0.0.1"), "::ffff:10.0.0.1 is IPv4 in IPv6 form, which can't be a target");
  EXPECT_EQ(refusal("ff02::1%eth0"), "ff02::1%eth0 is multicast, which can't be a target");
}

TEST(Host, TakesZonesOfLinkLocalAddressesOnly) {
  EXPECT_EQ(refusal("2001:db8::1%eth0"), "2001:db8::1%eth0 has a zone; only link-local addresses (fe80::/10) have one");
  const std::string form = " is not an address with a zone; allowed is the name of an interface as in fe80::1%eth0";
  EXPECT_EQ(refusal("fe80::1%"), "fe80::1%" + form);
  EXPECT_EQ(refusal("127.0.0.1%eth0"), "127.0.0.1%eth0" + form);
  EXPECT_EQ(refusal("fe80::1%sixteen-letters-"), "fe80::1%sixteen-letters-" + form);
}

struct Counted {
  const char* text;
  const char* first;
  const char* last;
  std::uint64_t count;
};

TEST(Block, CountsHostsAsFpingDoes) {
  const Counted cases[] = {
      {"10.0.0.0/24", "10.0.0.1", "10.0.0.254", 254},
      {"10.0.0.77/24", "10.0.0.1", "10.0.0.254", 254},
      {"10.0.0.0/30", "10.0.0.1", "10.0.0.2", 2},
      {"10.0.0.0/31", "10.0.0.0", "10.0.0.1", 2},
      {"10.0.0.9/32", "10.0.0.9", "10.0.0.9", 1},
      {"10.0.0.0/13", "10.0.0.1", "10.7.255.254", 524286},
      {"2001:db8::/120", "2001:db8::", "2001:db8::ff", 256},
      {"2001:db8::5/126", "2001:db8::4", "2001:db8::7", 4},
      {"::1/128", "::1", "::1", 1},
      {"2001:db8::/127", "2001:db8::", "2001:db8::1", 2},
      {"2001:db8::/109", "2001:db8::", "2001:db8::7:ffff", 524288},
  };
  for (const auto& block : cases) {
    const auto host = parse_host(block.text);
    ASSERT_TRUE(host) << host.error();
    const auto& range = std::get<AddressRange>(*host);
    EXPECT_EQ(range.first, address(block.first)) << block.text;
    EXPECT_EQ(range.last(), address(block.last)) << block.text;
    EXPECT_EQ(range.count, block.count) << block.text;
  }
}

TEST(Range, HasBothItsEnds) {
  const Counted cases[] = {
      {"10.0.0.1 - 10.0.0.9", "10.0.0.1", "10.0.0.9", 9},
      {"10.0.0.255-10.0.1.0", "10.0.0.255", "10.0.1.0", 2},
      {"10.0.0.1-10.0.0.1", "10.0.0.1", "10.0.0.1", 1},
      {"2001:db8::ffff - 2001:db8::1:1", "2001:db8::ffff", "2001:db8::1:1", 3},
      {"2001:db8::ffff:ffff:ffff:ffff-2001:db8:0:1::", "2001:db8::ffff:ffff:ffff:ffff", "2001:db8:0:1::", 2},
      {"10.0.0.0 - 10.15.66.63", "10.0.0.0", "10.15.66.63", 1'000'000},
  };
  for (const auto& wanted : cases) {
    const auto host = parse_host(wanted.text);
    ASSERT_TRUE(host) << host.error();
    const auto& range = std::get<AddressRange>(*host);
    EXPECT_EQ(range.first, address(wanted.first)) << wanted.text;
    EXPECT_EQ(range.last(), address(wanted.last)) << wanted.text;
    EXPECT_EQ(range.count, wanted.count) << wanted.text;
  }
}

TEST(Block, RefusesWhatIsNone) {
  EXPECT_EQ(refusal("10.0.0.0/33"), "10.0.0.0/33 has a wrong prefix length; allowed is 0 to 32");
  EXPECT_EQ(refusal("10.0.0.0/"), "10.0.0.0/ has a wrong prefix length; allowed is 0 to 32");
  EXPECT_EQ(refusal("2001:db8::/129"), "2001:db8::/129 has a wrong prefix length; allowed is 0 to 128");
  EXPECT_EQ(refusal("10.0.0.0/255.255.255.0"), "10.0.0.0/255.255.255.0 has a wrong prefix length; allowed is 0 to 32");
  EXPECT_EQ(refusal("a.example/24"),
            "a.example/24 is not a block; allowed are blocks such as 10.0.0.0/24 and 2001:db8::/120");
  EXPECT_EQ(refusal("fe80::%2/120"),
            "fe80::%2/120 is not a block; allowed are blocks such as 10.0.0.0/24 and 2001:db8::/120");
}

TEST(Block, RefusesMoreThanTheLimit) {
  EXPECT_EQ(refusal("10.0.0.0/12"), "10.0.0.0/12 has 1048574 hosts; allowed are 1000000");
  EXPECT_EQ(refusal("0.0.0.0/0"), "0.0.0.0/0 has 4294967294 hosts; allowed are 1000000");
  EXPECT_EQ(refusal("2001:db8::/108"), "2001:db8::/108 has 1048576 hosts; allowed are 1000000");
  EXPECT_EQ(refusal("2001:db8::/64"), "2001:db8::/64 has 2^64 hosts; allowed are 1000000");
  EXPECT_EQ(refusal("::/0"), "::/0 has 2^128 hosts; allowed are 1000000");
  EXPECT_EQ(refusal("10.0.0.0 - 10.15.66.64"), "\"10.0.0.0 - 10.15.66.64\" has 1000001 hosts; allowed are 1000000");
  EXPECT_EQ(refusal("2001:db8:: - 2001:db9::"),
            "\"2001:db8:: - 2001:db9::\" has more than 2^64 hosts; allowed are 1000000");
  EXPECT_EQ(refusal("2001:db8::-2001:db8::ffff:ffff:ffff:ffff"),
            "2001:db8::-2001:db8::ffff:ffff:ffff:ffff has 2^64 hosts; allowed are 1000000");
}

TEST(Range, RefusesWhatIsNone) {
  const std::string form = " is not a range; allowed are two whole addresses such as 10.0.0.1 - 10.0.0.20";
  EXPECT_EQ(refusal("10.0.0.1-20"), "10.0.0.1-20" + form);
  EXPECT_EQ(refusal("10.0.0.1 - a.example"), "\"10.0.0.1 - a.example\"" + form);
  EXPECT_EQ(refusal("10.0.0.9 - 10.0.0.1"), "\"10.0.0.9 - 10.0.0.1\" ends before it begins");
  EXPECT_EQ(refusal("10.0.0.1 - ::1"), "\"10.0.0.1 - ::1\" mixes IPv4 and IPv6");
}

TEST(Range, RefusesAddressesThatAreNoTargetsAnywhereInIt) {
  EXPECT_EQ(refusal("224.0.0.0/30"), "224.0.0.0/30 contains multicast, which can't be a target");
  EXPECT_EQ(refusal("223.255.255.254-224.0.0.0"),
            "223.255.255.254-224.0.0.0 contains multicast, which can't be a target");
  EXPECT_EQ(refusal("239.255.255.255-240.0.0.1"),
            "239.255.255.255-240.0.0.1 contains multicast, which can't be a target");
  EXPECT_EQ(refusal("0.0.0.0-0.0.0.3"), "0.0.0.0-0.0.0.3 contains the unspecified address, which can't be a target");
  EXPECT_EQ(refusal("0.0.0.0/30"), "allowed");  // 0.0.0.0 is its network address and left out
  EXPECT_EQ(refusal("255.255.255.0/24"), "allowed");
  EXPECT_EQ(refusal("255.255.255.254/31"),
            "255.255.255.254/31 contains the broadcast address, which can't be a target");
  EXPECT_EQ(refusal("::/126"), "::/126 contains the unspecified address, which can't be a target");
  EXPECT_EQ(refusal("ffff:ffff:ffff:ffff:ffff:ffff:ffff:fff0/124"),
            "ffff:ffff:ffff:ffff:ffff:ffff:ffff:fff0/124 contains multicast, which can't be a target");
}

}  // namespace
}  // namespace sounder::config
