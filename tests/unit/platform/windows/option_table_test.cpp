#include "engine/platform/windows/option_table.h"

#include <gtest/gtest.h>

#include <cstdint>

namespace sounder::platform::windows {
namespace {

constexpr base::MonoTime at(int seconds) { return base::MonoTime(std::chrono::seconds(seconds)); }

wire::PacketOptions with_ttl(std::uint8_t ttl) {
  wire::PacketOptions options;
  options.ttl = ttl;
  return options;
}

class OptionTableTest : public ::testing::Test {
 protected:
  void put(std::uint8_t ttl, base::MonoTime now) { table_.put(with_ttl(ttl), std::make_unique<int>(ttl), now); }
  /// Of the socket with this TTL; 0 if there is none.
  int find(std::uint8_t ttl, base::MonoTime now) {
    const int* const found = table_.find(with_ttl(ttl), now);
    return found == nullptr ? 0 : *found;
  }

  OptionTable<int> table_{3};
};

TEST_F(OptionTableTest, HasOneSocketForEachSetOfOptions) {
  EXPECT_EQ(find(64, at(0)), 0);
  put(64, at(0));
  put(1, at(0));
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(find(64, at(i)), 64);
    EXPECT_EQ(find(1, at(i)), 1);
  }
  EXPECT_EQ(table_.size(), 2U);
}

TEST_F(OptionTableTest, EveryOptionTellsThemApart) {
  put(64, at(0));
  wire::PacketOptions options = with_ttl(64);
  options.dont_fragment = true;
  EXPECT_EQ(table_.find(options, at(0)), nullptr);
  options = with_ttl(64);
  options.source = base::IpAddress::parse("10.0.0.1");
  EXPECT_EQ(table_.find(options, at(0)), nullptr);
  options = with_ttl(64);
  options.interface_index = 3;
  EXPECT_EQ(table_.find(options, at(0)), nullptr);
  options = with_ttl(64);
  options.dscp = 46;
  EXPECT_EQ(table_.find(options, at(0)), nullptr);
}

TEST_F(OptionTableTest, IsFullWhileAllAreInUse) {
  for (std::uint8_t ttl = 1; ttl <= 3; ++ttl) put(ttl, at(0));
  EXPECT_FALSE(table_.has_room(at(60)));
  EXPECT_TRUE(table_.has_room(at(61)));
}

TEST_F(OptionTableTest, TheOneIdleForLongestMakesRoom) {
  for (std::uint8_t ttl = 1; ttl <= 3; ++ttl) put(ttl, at(0));
  EXPECT_EQ(find(1, at(50)), 1);
  EXPECT_EQ(find(3, at(10)), 3);
  ASSERT_TRUE(table_.has_room(at(100)));
  put(4, at(100));
  EXPECT_EQ(find(2, at(100)), 0);
  EXPECT_EQ(find(1, at(100)), 1);
  EXPECT_EQ(find(3, at(100)), 3);
  EXPECT_EQ(find(4, at(100)), 4);
  EXPECT_EQ(table_.size(), 3U);
}

}  // namespace
}  // namespace sounder::platform::windows
