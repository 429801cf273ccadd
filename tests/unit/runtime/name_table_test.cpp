#include "engine/runtime/name_table.h"

#include <gtest/gtest.h>

#include "tests/unit/runtime/fakes.h"

namespace sounder::runtime {
namespace {

using probe::FamilyChoice;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::ips;
using testing::no_such_name;

constexpr base::MonoTime kStart = base::MonoTime(std::chrono::hours(1));

class NameTableTest : public ::testing::Test {
 protected:
  void want(const std::set<NameKey>& keys) { table_.want(keys, kStart); }
  std::vector<NameKey> answer(const std::string& name, io::Addresses addresses, base::MonoTime now = kStart) {
    return table_.on_answer(name, std::move(addresses), now);
  }
  std::vector<NameKey> failure(const std::string& name, base::MonoTime now = kStart) {
    return table_.on_answer(name, no_such_name(), now);
  }
  [[nodiscard]] io::Addresses addresses(const NameKey& key) const { return table_.find(key)->addresses; }

  NameTable table_{NameSettings{minutes(1), seconds(10)}};
  const NameKey any_{"host", FamilyChoice::kAny};
  const NameKey v4_{"host", FamilyChoice::kIpv4};
  const NameKey v6_{"host", FamilyChoice::kIpv6};
  const NameKey all_{"host", FamilyChoice::kAll};
};

TEST_F(NameTableTest, ANewNameIsDueAtOnceAndHasNoAddress) {
  want({any_});
  EXPECT_EQ(table_.next_due(), kStart);
  EXPECT_TRUE(addresses(any_).empty());
  EXPECT_FALSE(*table_.find(any_)->resolved);
  EXPECT_EQ(*table_.find(any_)->errors, 0U);
}

TEST_F(NameTableTest, OneLookUpServesAllFamilies) {
  want({any_, v4_, v6_, all_});
  EXPECT_EQ(table_.take_due(kStart, 10), std::vector<std::string>{"host"});
  EXPECT_EQ(answer("host", ips({"2001:db8::1", "192.0.2.2", "192.0.2.1"})).size(), 4U);
  EXPECT_EQ(addresses(any_), ips({"2001:db8::1"}));
  EXPECT_EQ(addresses(v4_), ips({"192.0.2.2"}));
  EXPECT_EQ(addresses(v6_), ips({"2001:db8::1"}));
  EXPECT_EQ(addresses(all_), ips({"192.0.2.1", "192.0.2.2", "2001:db8::1"}));
}

TEST_F(NameTableTest, ANameUnderWayIsNotDueAgain) {
  want({any_});
  EXPECT_EQ(table_.take_due(kStart, 10).size(), 1U);
  EXPECT_TRUE(table_.take_due(kStart + minutes(10), 10).empty());
  EXPECT_EQ(table_.next_due(), base::MonoTime::max());
}

TEST_F(NameTableTest, GivesNoMoreThanTheLimit) {
  want({{"a", FamilyChoice::kAny}, {"b", FamilyChoice::kAny}, {"c", FamilyChoice::kAny}});
  EXPECT_EQ(table_.take_due(kStart, 2).size(), 2U);
  EXPECT_EQ(table_.take_due(kStart, 2).size(), 1U);
}

TEST_F(NameTableTest, RotatedAnswersMoveNothing) {
  want({any_, all_});
  answer("host", ips({"192.0.2.1", "192.0.2.2"}));
  EXPECT_TRUE(answer("host", ips({"192.0.2.2", "192.0.2.1"})).empty());
  EXPECT_EQ(addresses(any_), ips({"192.0.2.1"}));
}

TEST_F(NameTableTest, AnAddressThatIsGoneIsReplacedByTheFirst) {
  want({any_});
  answer("host", ips({"192.0.2.1"}));
  EXPECT_EQ(answer("host", ips({"192.0.2.3", "192.0.2.2"})), std::vector<NameKey>{any_});
  EXPECT_EQ(addresses(any_), ips({"192.0.2.3"}));
}

TEST_F(NameTableTest, AllFollowsEveryAddress) {
  want({all_});
  answer("host", ips({"192.0.2.1", "192.0.2.2"}));
  EXPECT_EQ(answer("host", ips({"192.0.2.2", "192.0.2.3"})), std::vector<NameKey>{all_});
  EXPECT_EQ(addresses(all_), ips({"192.0.2.2", "192.0.2.3"}));
}

TEST_F(NameTableTest, AFailureKeepsTheLastAddressAndIsCounted) {
  want({any_, all_});
  answer("host", ips({"192.0.2.1"}));
  EXPECT_TRUE(*table_.find(any_)->resolved);
  EXPECT_TRUE(failure("host").empty());
  EXPECT_EQ(addresses(any_), ips({"192.0.2.1"}));
  EXPECT_EQ(addresses(all_), ips({"192.0.2.1"}));
  EXPECT_FALSE(*table_.find(any_)->resolved);
  EXPECT_EQ(*table_.find(any_)->errors, 1U);
}

TEST_F(NameTableTest, AnAnswerOfTheOtherFamilyIsAFailureForThisOneAlone) {
  want({v4_, v6_});
  answer("host", ips({"192.0.2.1", "2001:db8::1"}));
  EXPECT_TRUE(answer("host", ips({"192.0.2.1"})).empty());
  EXPECT_EQ(addresses(v6_), ips({"2001:db8::1"}));
  EXPECT_EQ(*table_.find(v6_)->errors, 1U);
  EXPECT_FALSE(*table_.find(v6_)->resolved);
  EXPECT_EQ(*table_.find(v4_)->errors, 0U);
  EXPECT_TRUE(*table_.find(v4_)->resolved);
}

TEST_F(NameTableTest, AFailureIsTriedAgainSoon) {
  want({any_});
  static_cast<void>(table_.take_due(kStart, 1));
  failure("host", kStart + seconds(3));
  EXPECT_EQ(table_.next_due(), kStart + seconds(13));
}

TEST_F(NameTableTest, RefreshesOnceAnIntervalAtItsOwnPhase) {
  want({any_});
  static_cast<void>(table_.take_due(kStart, 1));
  answer("host", ips({"192.0.2.1"}));
  const base::MonoTime first = table_.next_due();
  EXPECT_GE(first, kStart + seconds(30));
  EXPECT_LT(first, kStart + seconds(90));
  for (int i = 1; i < 5; ++i) {
    const base::MonoTime due = table_.next_due();
    ASSERT_EQ(due, first + (i - 1) * minutes(1));
    ASSERT_EQ(table_.take_due(due, 1).size(), 1U);
    answer("host", ips({"192.0.2.1"}), due + seconds(2));
  }
}

TEST_F(NameTableTest, RefreshesAreSpreadOverTheInterval) {
  constexpr int kNames = 600;
  std::set<NameKey> keys;
  for (int i = 0; i < kNames; ++i) keys.insert({"host" + std::to_string(i), FamilyChoice::kAny});
  want(keys);
  for (const std::string& name : table_.take_due(kStart, kNames)) answer(name, ips({"192.0.2.1"}));
  std::size_t most = 0;
  for (int second = 30; second < 90; ++second) {
    most = std::max(most, table_.take_due(kStart + seconds(second + 1), kNames).size());
  }
  EXPECT_LE(most, 30U) << "of 600 names in 60 s, ten are expected in each";
  EXPECT_TRUE(table_.next_due() == base::MonoTime::max());
}

TEST_F(NameTableTest, WhatStaysWantedIsKept) {
  want({any_});
  static_cast<void>(table_.take_due(kStart, 1));
  answer("host", ips({"192.0.2.1"}));
  const auto* numbers = table_.find(any_)->errors.get();
  const base::MonoTime due = table_.next_due();
  table_.want({any_, {"other", FamilyChoice::kAny}}, kStart + seconds(1));
  EXPECT_EQ(addresses(any_), ips({"192.0.2.1"}));
  EXPECT_EQ(table_.find(any_)->errors.get(), numbers);
  EXPECT_EQ(table_.take_due(due - seconds(1), 10), std::vector<std::string>{"other"});
  EXPECT_EQ(table_.next_due(), due);
}

TEST_F(NameTableTest, WhatIsNoLongerWantedIsForgotten) {
  want({any_});
  static_cast<void>(table_.take_due(kStart, 1));
  want({});
  EXPECT_EQ(table_.find(any_), nullptr);
  EXPECT_TRUE(answer("host", ips({"192.0.2.1"})).empty());
  EXPECT_EQ(table_.next_due(), base::MonoTime::max());
}

TEST_F(NameTableTest, AKnownNameIsLookedUpAtOnceForANewFamily) {
  want({v4_});
  static_cast<void>(table_.take_due(kStart, 1));
  answer("host", ips({"192.0.2.1"}));
  want({v4_, v6_});
  EXPECT_EQ(table_.next_due(), kStart);
}

TEST_F(NameTableTest, TheAnswerUnderWayServesANewFamily) {
  want({v4_});
  static_cast<void>(table_.take_due(kStart, 1));
  want({v4_, v6_});
  EXPECT_TRUE(table_.take_due(kStart, 1).empty());
  EXPECT_EQ(answer("host", ips({"192.0.2.1", "2001:db8::1"})).size(), 2U);
}

}  // namespace
}  // namespace sounder::runtime
