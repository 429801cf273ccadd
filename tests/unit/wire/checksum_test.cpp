#include "engine/wire/checksum.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <span>
#include <vector>

#include "tests/unit/wire/hex.h"

namespace sounder::wire {
namespace {

/// RFC 1071 §4.1, word by word.
std::uint16_t plain_checksum(std::span<const std::byte> data) {
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i < data.size(); ++i) {
    const auto byte = std::to_integer<std::uint32_t>(data[i]);
    sum += i % 2 == 0 ? byte << 8U : byte;
    sum = (sum & 0xffffU) + (sum >> 16U);
  }
  return static_cast<std::uint16_t>(~sum);
}

TEST(Checksum, MatchesTheExampleOfRfc1071) { EXPECT_EQ(checksum(hex("00 01 f2 03 f4 f5 f6 f7")), 0x220d); }

TEST(Checksum, OfNothingIsAllOnes) { EXPECT_EQ(checksum({}), 0xffff); }

TEST(Checksum, OfAMessageThatHoldsItsOwnIsZero) {
  EXPECT_EQ(checksum(hex("08 00 37 fa  12 34 ab cd  00 01 02 03")), 0);
}

TEST(Checksum, AgreesWithThePlainLoopAtAnySizeAndAlignment) {
  std::vector<std::byte> data;
  for (std::size_t i = 0; i < 200; ++i) data.push_back(static_cast<std::byte>((i * 151 + 203) & 0xffU));
  for (std::size_t begin = 0; begin < 9; ++begin) {
    for (std::size_t size = 0; begin + size <= data.size(); ++size) {
      const auto part = std::span(data).subspan(begin, size);
      ASSERT_EQ(checksum(part), plain_checksum(part)) << "begin " << begin << " size " << size;
    }
  }
}

TEST(Checksum, LosesNoCarryInTheLargestMessage) {
  const std::vector<std::byte> ones(65'515, std::byte{0xff});
  EXPECT_EQ(checksum(ones), plain_checksum(ones));
}

}  // namespace
}  // namespace sounder::wire
