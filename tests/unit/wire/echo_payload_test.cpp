#include "engine/wire/echo_payload.h"

#include <gtest/gtest.h>

#include <span>
#include <vector>

#include "tests/unit/wire/hex.h"

namespace sounder::wire {
namespace {

constexpr EchoTag kTag{ProbeId(0x01020304), 0xa1a2a3a4, 0x1122334455667788};
const base::SipKey kKey{0x0706050403020100, 0x0f0e0d0c0b0a0908};
const base::IpAddress kHost = base::IpAddress::v4(0xc0000201);

std::vector<std::byte> written(const EchoTag& tag, std::size_t size) {
  std::vector<std::byte> data(size, std::byte{0xee});
  write_echo_data(tag, data);
  return data;
}

TEST(EchoData, HasTheTagInNetworkOrderThenTheOffsets) {
  EXPECT_EQ(written(kTag, 20), hex("01 02 03 04"              // probe
                                   "a1 a2 a3 a4"              // sequence, low half
                                   "11 22 33 44 55 66 77 88"  // tag
                                   "10 11 12 13"));           // fill
}

TEST(EchoData, IsFillAloneBelowTheTagsSize) {
  EXPECT_EQ(written(kTag, 0), hex(""));
  EXPECT_EQ(written(kTag, 15), hex("00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e"));
  EXPECT_FALSE(read_echo_tag(written(kTag, 15)));
}

TEST(EchoData, FillGoesOnAfterAPeriod) {
  const auto data = written(kTag, 1000);
  for (std::size_t i = kEchoTagSize; i < data.size(); ++i) ASSERT_EQ(data[i], static_cast<std::byte>(i & 0xffU));
}

TEST(EchoData, TagIsReadAsWritten) {
  EXPECT_EQ(read_echo_tag(written(kTag, 16)), kTag);
  EXPECT_TRUE(tag_right(written(kTag, 56), kTag));
}

TEST(EchoData, TagThatDiffersAnywhereIsWrong) {
  const auto data = written(kTag, 16);
  EXPECT_FALSE(tag_right(data, {ProbeId(0x01020305), kTag.sequence, kTag.tag}));
  EXPECT_FALSE(tag_right(data, {kTag.probe, kTag.sequence + 1, kTag.tag}));
  EXPECT_FALSE(tag_right(data, {kTag.probe, kTag.sequence, kTag.tag ^ 1U}));
  EXPECT_FALSE(tag_right(std::span(data).first(15), kTag));
}

TEST(EchoData, ShorterIsRightAndLongerIsWrong) {
  const auto data = written(kTag, 600);
  for (std::size_t size = 0; size <= 600; ++size) EXPECT_TRUE(data_right(std::span(data).first(size), kTag, 600));
  EXPECT_FALSE(data_right(data, kTag, 599));
}

TEST(EchoData, OneWrongByteAnywhereIsSeen) {
  for (const std::size_t size : {1U, 15U, 16U, 17U, 300U, 600U}) {
    auto data = written(kTag, size);
    for (auto& byte : data) {
      byte ^= std::byte{0x20};
      EXPECT_FALSE(data_right(data, kTag, size));
      byte ^= std::byte{0x20};
    }
    EXPECT_TRUE(data_right(data, kTag, size));
  }
}

TEST(EchoData, ReplyCutBelowTheTagIsComparedWithTheTagThatWasSent) {
  EXPECT_TRUE(data_right(hex("01 02 03 04 a1 a2"), kTag, 56));
  EXPECT_FALSE(data_right(hex("00 01 02 03 04 05"), kTag, 56));
}

TEST(MakeTag, CarriesTheProbeAndTheLowHalfOfItsSequence) {
  const auto tag = make_tag(kKey, ProbeId(7), Sequence(0x5'0000'0009), kHost);
  EXPECT_EQ(tag.probe, ProbeId(7));
  EXPECT_EQ(tag.sequence, 9U);
}

TEST(MakeTag, IsTheKeyedHashOfProbeScopeSequenceAndAddress) {
  const auto identity =
      hex("00 00 00 07"                                        // probe
          "00 00 00 00"                                        // scope
          "00 00 00 05 00 00 00 09"                            // sequence
          "00 00 00 00 00 00 00 00 00 00 ff ff c0 00 02 01");  // ::ffff:192.0.2.1
  EXPECT_EQ(make_tag(kKey, ProbeId(7), Sequence(0x5'0000'0009), kHost).tag, base::siphash(kKey, identity));
}

TEST(MakeTag, DependsOnEverythingThatNamesTheProbe) {
  const auto tag = make_tag(kKey, ProbeId(7), Sequence(9), kHost).tag;
  EXPECT_NE(make_tag({kKey[0] + 1, kKey[1]}, ProbeId(7), Sequence(9), kHost).tag, tag);
  EXPECT_NE(make_tag(kKey, ProbeId(8), Sequence(9), kHost).tag, tag);
  EXPECT_NE(make_tag(kKey, ProbeId(7), Sequence(9 + (std::uint64_t{1} << 32U)), kHost).tag, tag);
  EXPECT_NE(make_tag(kKey, ProbeId(7), Sequence(9), base::IpAddress::v4(0xc0000202)).tag, tag);
  const auto link_local = base::IpAddress::parse("fe80::1").value();
  EXPECT_NE(make_tag(kKey, ProbeId(7), Sequence(9), link_local.with_scope(2)).tag,
            make_tag(kKey, ProbeId(7), Sequence(9), link_local.with_scope(3)).tag);
}

}  // namespace
}  // namespace sounder::wire
