#include "engine/platform/windows/inbox.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>

namespace sounder::platform::windows {
namespace {

/// A packet of `size` bytes, all of them `number`, which are overwritten when it was pushed.
void push(Inbox& inbox, std::uint8_t number, std::size_t size) {
  std::array<std::byte, 64> bytes{};
  bytes.fill(static_cast<std::byte>(number));
  wire::RxPacket packet;
  packet.ttl = number;
  packet.bytes = std::span(bytes).first(size);
  inbox.push(packet);
  bytes.fill(std::byte{0xff});
}

void expect(const wire::RxPacket& packet, std::uint8_t number, std::size_t size) {
  EXPECT_EQ(packet.ttl, number);
  ASSERT_EQ(packet.bytes.size(), size);
  for (const std::byte byte : packet.bytes) EXPECT_EQ(byte, static_cast<std::byte>(number));
}

TEST(Inbox, GivesCopiesInTheirOrder) {
  Inbox inbox(4, 64);
  EXPECT_TRUE(inbox.empty());
  push(inbox, 1, 10);
  push(inbox, 2, 0);
  push(inbox, 3, 20);
  EXPECT_FALSE(inbox.empty());
  const auto packets = inbox.take(8);
  ASSERT_EQ(packets.size(), 3U);
  expect(packets[0], 1, 10);
  expect(packets[1], 2, 0);
  expect(packets[2], 3, 20);
  EXPECT_TRUE(inbox.empty());
  EXPECT_TRUE(inbox.take(8).empty());
}

TEST(Inbox, KeepsToTheLimitAndFillsWhileItIsRead) {
  Inbox inbox(4, 64);
  for (std::uint8_t i = 1; i <= 3; ++i) push(inbox, i, 8);
  const auto first = inbox.take(2);
  ASSERT_EQ(first.size(), 2U);
  push(inbox, 4, 8);
  expect(first[1], 2, 8);  // still there
  const auto rest = inbox.take(2);
  ASSERT_EQ(rest.size(), 1U);
  expect(rest[0], 3, 8);
  EXPECT_FALSE(inbox.empty());
  const auto last = inbox.take(2);
  ASSERT_EQ(last.size(), 1U);
  expect(last[0], 4, 8);
  EXPECT_TRUE(inbox.empty());
}

TEST(Inbox, IsFullByPacketsOrByBytesUntilItIsTaken) {
  Inbox inbox(3, 64);
  push(inbox, 1, 40);
  EXPECT_TRUE(inbox.has_room(24));
  EXPECT_FALSE(inbox.has_room(25));
  push(inbox, 2, 1);
  push(inbox, 3, 1);
  EXPECT_FALSE(inbox.has_room(1));
  EXPECT_EQ(inbox.take(8).size(), 3U);
  EXPECT_TRUE(inbox.has_room(64));
}

}  // namespace
}  // namespace sounder::platform::windows
