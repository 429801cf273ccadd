#include "tests/contract/network_watch_contract.h"

#include <gmock/gmock.h>

#include <optional>
#include <variant>

namespace sounder::contract {

using Mark = net::Resync::Mark;
using ::testing::Contains;
using ::testing::Not;

void NetworkWatchContract::SetUp() {
  world_ = GetParam().make();
  if (const std::string missing = world_->missing(); !missing.empty()) GTEST_SKIP() << missing;
}

void NetworkWatchContract::follow() {
  watch_ = world_->open();
  ASSERT_NE(watch_, nullptr);
  watch_->start([this](std::span<const net::WatchEvent> events) {
    ++calls_;
    for (const net::WatchEvent& event : events) {
      if (const auto* resync = std::get_if<net::Resync>(&event)) marks_.push_back(resync->mark);
      unmarked_ = unmarked_ || marks_.empty();
      if (std::holds_alternative<net::Update>(event)) ++updates_;
      state_.apply(event);
    }
  });
}

std::set<base::IpAddress> NetworkWatchContract::watched() const {
  std::set<base::IpAddress> addresses;
  for (const auto& [key, entry] : state_.addresses()) addresses.insert(key.address.with_scope(0));
  return addresses;
}

void NetworkWatchContract::expect_equal_in_the_end() {
  world_->run_until([this] { return state_.complete() && watched() == world_->addresses(); });
  EXPECT_TRUE(state_.complete());
  EXPECT_EQ(watched(), world_->addresses());
}

namespace {

/// Of the documentation (RFC 5737, RFC 3849): no host has them.
const base::IpAddress kV4 = base::IpAddress::parse("192.0.2.77").value();
const base::IpAddress kV6 = base::IpAddress::parse("2001:db8::77").value();

TEST_P(NetworkWatchContract, BeginsWithADumpOfAllTables) {
  follow();
  expect_equal_in_the_end();
  EXPECT_FALSE(unmarked_);
  ASSERT_GE(marks_.size(), 2U);
  EXPECT_EQ(marks_[0], Mark::kBegin);
  EXPECT_NE(marks_[1], Mark::kBegin);
  EXPECT_EQ(watch_->numbers().overruns, 0U);
}

TEST_P(NetworkWatchContract, EveryAddressIsOnAnInterfaceThatIsKnown) {
  follow();
  expect_equal_in_the_end();
  EXPECT_FALSE(state_.interfaces().empty());
  EXPECT_FALSE(state_.routes().empty());
  for (const auto& [key, entry] : state_.addresses()) EXPECT_TRUE(state_.interfaces().contains(key.interface));
}

TEST_P(NetworkWatchContract, TellsNothingBeforeItIsStarted) {
  watch_ = world().open();
  world().run_some();
  EXPECT_EQ(watch_->numbers().updates, 0U);
}

TEST_P(NetworkWatchContract, FollowsAddressesThatComeAndGo) {
  if (!world().may_change()) GTEST_SKIP() << "the network here is not one for tests";
  follow();
  expect_equal_in_the_end();
  for (const base::IpAddress& address : {kV4, kV6}) {
    SCOPED_TRACE(address.to_string());
    ASSERT_THAT(watched(), Not(Contains(address)));
    world().add_address(address);
    expect_equal_in_the_end();
    EXPECT_THAT(watched(), Contains(address));
    world().remove_address(address);
    expect_equal_in_the_end();
    EXPECT_THAT(watched(), Not(Contains(address)));
  }
}

TEST_P(NetworkWatchContract, KnowsWhatChangedBeforeItsDumpWasRead) {
  if (!world().may_change()) GTEST_SKIP() << "the network here is not one for tests";
  watch_ = world().open();
  world().add_address(kV4);
  follow();
  world().add_address(kV6);
  expect_equal_in_the_end();
  EXPECT_THAT(watched(), ::testing::IsSupersetOf({kV4, kV6}));
}

TEST_P(NetworkWatchContract, WhateverWasLostTheTableIsTheSystemsInTheEnd) {
  if (!world().may_change()) GTEST_SKIP() << "the network here is not one for tests";
  follow();
  expect_equal_in_the_end();
  if (!world().lose_notices()) GTEST_SKIP() << "nothing can be lost here";
  expect_equal_in_the_end();
  EXPECT_GT(watch_->numbers().overruns, 0U);
  EXPECT_GT(watch_->numbers().resyncs, 0U);
}

TEST_P(NetworkWatchContract, ResyncsAreNeverNestedAndAlwaysEnd) {
  follow();
  expect_equal_in_the_end();
  if (world().may_change()) world().lose_notices();
  expect_equal_in_the_end();
  world().run_until([this] { return marks_.back() == Mark::kEnd; });
  ASSERT_EQ(marks_.size() % 2, 0U);
  for (std::size_t i = 0; i < marks_.size(); ++i) EXPECT_EQ(marks_[i] == Mark::kBegin, i % 2 == 0) << i;
  EXPECT_EQ(watch_->numbers().resyncs + 1, marks_.size() / 2);
}

TEST_P(NetworkWatchContract, CountsEveryUpdateThatItReports) {
  follow();
  expect_equal_in_the_end();
  EXPECT_GE(updates_, state_.size());
  EXPECT_EQ(watch_->numbers().updates, updates_);
}

TEST_P(NetworkWatchContract, AWatchThatHasGoneCallsNobody) {
  for (int turns = 0; turns < 8; ++turns) {
    SCOPED_TRACE(turns);
    follow();
    for (int i = 0; i < turns; ++i) world().run_some();
    if (world().may_change()) world().add_address(kV4);
    watch_.reset();
    const std::size_t before = calls_;
    world().run_some();
    EXPECT_EQ(calls_, before);
    if (world().may_change()) world().remove_address(kV4);
  }
}

}  // namespace
}  // namespace sounder::contract
