#include "engine/base/siphash.h"

#include <gtest/gtest.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace sounder::base {
namespace {

// The key is the bytes 00 to 0f, the message of length n the bytes 00 to n-1 (Aumasson and Bernstein, appendix A, and
// the vectors of their reference implementation).
constexpr SipKey kReferenceKey{0x0706050403020100, 0x0f0e0d0c0b0a0908};
constexpr std::array<std::uint64_t, 16> kReference{
    0x726fdb47dd0e0e31, 0x74f839c593dc67fd, 0x0d6c8009d9a94f5a, 0x85676696d7fb7e2d,
    0xcf2794e0277187b7, 0x18765564cd99a68d, 0xcbc9466e58fee3ce, 0xab0200f58b01d137,
    0x93f5f5799a932462, 0x9e0082df0ba9e4b0, 0x7a5dbbc594ddb9f3, 0xf4b32f46226bada7,
    0x751e8fbc860ee5fb, 0x14ea5627c0843d90, 0xf723ca908e7af2ee, 0xa129ca6149be45e5};

std::array<std::byte, 64> counting_bytes() {
  std::array<std::byte, 64> bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes.at(i) = static_cast<std::byte>(i);
  return bytes;
}

TEST(SipHash, MatchesTheReferenceVectors) {
  const auto message = counting_bytes();
  for (std::size_t length = 0; length < kReference.size(); ++length) {
    EXPECT_EQ(siphash(kReferenceKey, std::span(message).first(length)), kReference.at(length)) << length;
  }
  EXPECT_EQ(siphash(kReferenceKey, std::span(message).first(63)), 0x958a324ceb064572U);
}

TEST(SipHash, DependsOnBothWordsOfTheKey) {
  const auto message = counting_bytes();
  const auto hash = siphash(kReferenceKey, message);
  EXPECT_NE(siphash({kReferenceKey[0] ^ 1U, kReferenceKey[1]}, message), hash);
  EXPECT_NE(siphash({kReferenceKey[0], kReferenceKey[1] ^ 1U}, message), hash);
}

}  // namespace
}  // namespace sounder::base
