#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/byte_size.h"
#include "config/dscp.h"
#include "config/listen.h"
#include "config/text.h"

namespace sounder::config {
namespace {

using testing::Eq;
using testing::Optional;

TEST(ByteSize, ReadsBytesAndBinaryUnits) {
  EXPECT_EQ(parse_byte_size("65536"), std::uint64_t{65536});
  EXPECT_EQ(parse_byte_size("64MiB"), std::uint64_t{64} << 20U);
  EXPECT_EQ(parse_byte_size("512 KiB"), std::uint64_t{512} << 10U);
  EXPECT_EQ(parse_byte_size("1GiB"), std::uint64_t{1} << 30U);
  EXPECT_EQ(parse_byte_size("0"), std::uint64_t{0});
}

TEST(ByteSize, SaysWhatIsWrong) {
  EXPECT_EQ(parse_byte_size("").error(), "is not a size");
  EXPECT_EQ(parse_byte_size("much").error(), "is not a size");
  EXPECT_EQ(parse_byte_size("-1").error(), "is not a size");
  EXPECT_EQ(parse_byte_size("64MB").error(), "has the unit MB, which is none of KiB, MiB, GiB");
  EXPECT_EQ(parse_byte_size("1.5MiB").error(), "has the unit .5MiB, which is none of KiB, MiB, GiB");
  EXPECT_EQ(parse_byte_size("17179869184GiB").error(), "is too large");
  EXPECT_EQ(parse_byte_size("99999999999999999999").error(), "is too large");
}

TEST(ByteSize, WritesTheLargestUnitThatIsExact) {
  EXPECT_EQ(format_byte_size(0), "0");
  EXPECT_EQ(format_byte_size(1000), "1000");
  EXPECT_EQ(format_byte_size(64U << 10U), "64KiB");
  EXPECT_EQ(format_byte_size(1U << 30U), "1GiB");
  EXPECT_EQ(format_byte_size((1U << 30U) + (1U << 20U)), "1025MiB");
}

TEST(Dscp, ReadsNumbersAndNames) {
  EXPECT_THAT(parse_dscp("0"), Optional(0));
  EXPECT_THAT(parse_dscp("63"), Optional(63));
  EXPECT_THAT(parse_dscp("be"), Optional(0));
  EXPECT_THAT(parse_dscp("cs7"), Optional(56));
  EXPECT_THAT(parse_dscp("af11"), Optional(10));
  EXPECT_THAT(parse_dscp("AF43"), Optional(38));
  EXPECT_THAT(parse_dscp("EF"), Optional(46));
  EXPECT_THAT(parse_dscp("va"), Optional(44));
}

TEST(Dscp, ComputesClassesAsTheirRfcsDo) {
  for (int i = 0; i < 8; ++i) EXPECT_THAT(parse_dscp("cs" + std::to_string(i)), Optional(8 * i));  // RFC 2474 §4.2.2
  for (int i = 1; i <= 4; ++i) {
    for (int j = 1; j <= 3; ++j) {  // RFC 2597 §6
      EXPECT_THAT(parse_dscp("af" + std::to_string(i) + std::to_string(j)), Optional(8 * i + 2 * j));
    }
  }
}

TEST(Dscp, RefusesWhatIsNone) {
  for (const auto* text : {"", "64", "-1", "46x", "af44", "af01", "cs8", "0x2e", " ef"}) {
    EXPECT_EQ(parse_dscp(text), std::nullopt) << text;
  }
}

TEST(Listen, ReadsAnAddressAndAPort) {
  EXPECT_EQ(parse_listen("127.0.0.1:19719"), (ListenAddress{"127.0.0.1", 19719}));
  EXPECT_EQ(parse_listen("[::1]:0"), (ListenAddress{"::1", 0}));
  EXPECT_EQ(parse_listen("[::]:65535"), (ListenAddress{"::", 65535}));
}

TEST(Listen, SaysWhatIsWrong) {
  const std::string allowed =
      "; allowed is an address and a port, such as 127.0.0.1:19719, 0.0.0.0:19719 or [::1]:19719";
  EXPECT_EQ(parse_listen("").error(), "\"\" has no port" + allowed);
  EXPECT_EQ(parse_listen("127.0.0.1").error(), "127.0.0.1 has no port" + allowed);
  EXPECT_EQ(parse_listen("localhost:80").error(), "localhost:80 has no address before the port" + allowed);
  EXPECT_EQ(parse_listen(":80").error(), ":80 has no address before the port" + allowed);
  EXPECT_EQ(parse_listen("::1").error(), "::1 has no address before the port" + allowed);
  EXPECT_EQ(parse_listen("::1:80").error(), "::1:80 has no brackets around IPv6" + allowed);
  EXPECT_EQ(parse_listen("[127.0.0.1]:80").error(), "[127.0.0.1]:80 has brackets around IPv4" + allowed);
  EXPECT_EQ(parse_listen("127.0.0.1:").error(), "127.0.0.1: has a wrong port (0 to 65535)" + allowed);
  EXPECT_EQ(parse_listen("127.0.0.1:65536").error(), "127.0.0.1:65536 has a wrong port (0 to 65535)" + allowed);
  EXPECT_EQ(parse_listen("127.0.0.1:http").error(), "127.0.0.1:http has a wrong port (0 to 65535)" + allowed);
}

TEST(Text, IsShownPlainOrQuotedAndCut) {
  EXPECT_EQ(shown("10.0.0.1"), "10.0.0.1");
  EXPECT_EQ(shown(""), "\"\"");
  EXPECT_EQ(shown("two words"), "\"two words\"");
  EXPECT_EQ(shown("a\"b\\c"), "\"a\\\"b\\\\c\"");
  EXPECT_EQ(shown("line\n\x1b[31m"), "\"line\\x0a\\x1b[31m\"");
  EXPECT_EQ(shown(std::string(64, 'x')), std::string(64, 'x'));
  EXPECT_EQ(shown(std::string(65, 'x')), "\"" + std::string(64, 'x') + "…\"");
  EXPECT_EQ(shown(std::string(63, 'x') + "µµ"), "\"" + std::string(63, 'x') + "…\"");  // not half a character
}

TEST(Text, ProposesTheNearestWord) {
  const std::string_view known[] = {"interval", "timeout", "ttl", "dont_fragment"};
  EXPECT_THAT(nearest("intervall", known), Optional(Eq("interval")));
  EXPECT_THAT(nearest("Interval", known), Optional(Eq("interval")));
  EXPECT_THAT(nearest("tiemout", known), Optional(Eq("timeout")));
  EXPECT_THAT(nearest("dont-fragment", known), Optional(Eq("dont_fragment")));
  EXPECT_THAT(nearest("tll", known), Optional(Eq("ttl")));
  EXPECT_EQ(nearest("dscp", known), std::nullopt);
  EXPECT_EQ(nearest("", known), std::nullopt);
  EXPECT_EQ(nearest(std::string(10'000, 'x'), known), std::nullopt);
}

TEST(Text, FindsTheFirstByteThatIsNotUtf8) {
  EXPECT_EQ(find_bad_utf8("plain, µ, €, 😀"), std::nullopt);
  const struct {
    std::string text;
    std::size_t offset;
  } cases[] = {
      {"a\xff", 1},             // never a byte of UTF-8
      {"ab\x80", 2},            // a continuation without a lead
      {"\xc2", 0},              // cut
      {"\xe2\x82", 0},          // cut
      {"\xc0\xaf", 0},          // overlong /
      {"\xe0\x80\xaf", 0},      // overlong /
      {"\xed\xa0\x80", 0},      // a surrogate
      {"\xf4\x90\x80\x80", 0},  // above U+10FFFF
      {"µ\xf0\x9f\x98x", 2},    // cut by a letter
  };
  for (const auto& bad : cases) EXPECT_THAT(find_bad_utf8(bad.text), Optional(bad.offset)) << bad.offset;
}

}  // namespace
}  // namespace sounder::config
