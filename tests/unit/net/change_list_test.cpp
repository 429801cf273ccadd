#include "engine/net/change_list.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/unit/net/network.h"

namespace sounder::net {
namespace {

using namespace testing;

class ChangeListTest : public ::testing::Test {
 protected:
  void apply(const WatchEvent& event) { state_.apply(event); }

  /// The changes after a position, as "3+eth1 4-eth2".
  std::string after(std::uint64_t position) const {
    std::string text;
    ChangeNumber at(position);
    while (const NumberedChange* change = list_.after(at)) {
      at = change->number;
      if (!text.empty()) text += ' ';
      text += std::to_string(at.value()) + (change->update.kind == Update::Kind::kPresent ? '+' : '-') +
              std::get<Interface>(change->update.object).name;
    }
    return text;
  }

  ChangeList list_{2};
  State state_{base::kMaxNetworkObjects, &list_};
};

TEST_F(ChangeListTest, IsEmptyAtFirst) {
  EXPECT_EQ(after(0), "");
  EXPECT_EQ(list_.last(), ChangeNumber());
  EXPECT_EQ(list_.floor(), ChangeNumber());
}

TEST_F(ChangeListTest, HasEachObjectOnceAtItsLatestChange) {
  for (std::uint32_t i = 1; i <= 3; ++i) apply(present(link(i)));
  apply(present(link(1, false)));
  apply(present(link(1, false)));
  EXPECT_EQ(after(0), "2+eth2 3+eth3 4+eth1");
  EXPECT_EQ(after(3), "4+eth1");
  EXPECT_EQ(after(4), "");
  EXPECT_EQ(list_.last(), ChangeNumber(4));
  EXPECT_FALSE(std::get<Interface>(list_.after(ChangeNumber(3))->update.object).carrier);
}

TEST_F(ChangeListTest, RemembersWhatHasGone) {
  apply(present(link(1)));
  apply(present(link(2)));
  apply(gone(link(1)));
  EXPECT_EQ(after(0), "2+eth2 3-eth1");
  EXPECT_EQ(list_.size(), 2U);
  EXPECT_EQ(list_.tombstones(), 1U);
  apply(present(link(1)));
  EXPECT_EQ(after(2), "4+eth1") << "a reader that never heard that it had gone is told once";
  EXPECT_EQ(list_.tombstones(), 0U);
}

TEST_F(ChangeListTest, ForgetsTheOldestThatHasGoneAndSaysSo) {
  for (std::uint32_t i = 1; i <= 4; ++i) apply(present(link(i)));
  for (std::uint32_t i = 1; i <= 3; ++i) apply(gone(link(i)));
  EXPECT_EQ(list_.tombstones(), 2U);
  EXPECT_EQ(list_.floor(), ChangeNumber(5)) << "number 5 said that eth1 went";
  EXPECT_EQ(after(0), "4+eth4 6-eth2 7-eth3");
  apply(present(link(1)));
  EXPECT_EQ(after(7), "8+eth1");
}

TEST_F(ChangeListTest, KeepsKindsOfObjectsApart) {
  apply(present(link(1)));
  apply(present(InterfaceAddress{InterfaceIndex(1), ip("10.0.0.1"), 24, true}));
  apply(present(route("10.0.0.0/24", 1)));
  apply(present(route("10.0.0.0/24", 1, "10.0.0.2")));
  EXPECT_EQ(list_.size(), 4U);
  apply(begin());
  apply(end());
  EXPECT_EQ(list_.tombstones(), 2U);
  EXPECT_EQ(list_.size(), 2U);
}

}  // namespace
}  // namespace sounder::net
