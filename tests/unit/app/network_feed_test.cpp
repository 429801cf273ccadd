#include "app/network_feed.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <system_error>
#include <vector>

#include "tests/support/scripted_network.h"
#include "tests/unit/runtime/fakes.h"

namespace sounder::app {
namespace {

using net::Path;
using sounder::testing::scripted_address;
using sounder::testing::scripted_interface;
using sounder::testing::scripted_route;

class NetworkFeedTest : public ::testing::Test {
 protected:
  NetworkFeedTest() {
    network_.put(scripted_interface());
    network_.put(scripted_address());
    network_.put(scripted_route());
  }

  void open(base::Result<std::unique_ptr<io::NetworkWatch>> watch) {
    feed_ = std::make_unique<NetworkFeed>(
        service_, clock_, log_, std::move(watch),
        NetworkFollowers{
            .paths = [this](std::shared_ptr<const net::Paths> paths) { paths_.push_back(std::move(paths)); },
            .interfaces = [this] { ++looks_at_interfaces_; },
            .changes = [this](bool lost_count) { lost_counts_.push_back(lost_count); }});
    feed_->start();
  }
  void open() { open(network_.watch(service_.get_executor())); }

  /// Everything that is on its way arrives.
  void settle() {
    service_.restart();
    service_.run();
  }
  [[nodiscard]] Path path(const char* destination) const {
    return paths_.back()->find({base::IpAddress::parse(destination).value(), {}, 0});
  }

  sounder::testing::ScriptedNetwork network_;
  boost::asio::io_context service_;
  runtime::testing::ManualClock clock_;
  runtime::testing::MemoryLogger log_;
  std::unique_ptr<NetworkFeed> feed_;
  std::vector<std::shared_ptr<const net::Paths>> paths_;
  int looks_at_interfaces_ = 0;
  std::vector<bool> lost_counts_;
};

TEST_F(NetworkFeedTest, HandsOnTheFirstDumpOnce) {
  open();
  settle();
  ASSERT_EQ(paths_.size(), 1U);
  EXPECT_EQ(looks_at_interfaces_, 1);
  EXPECT_EQ(path("10.7.0.9").kind, Path::Kind::kOnLink);
  EXPECT_EQ(path("10.8.0.9").kind, Path::Kind::kNone);
}

TEST_F(NetworkFeedTest, ManyChangesAtOnceAreHandedOnOnce) {
  open();
  settle();
  for (std::uint32_t metric = 1; metric <= 100; ++metric) {
    net::Route route = scripted_route();
    route.metric = metric;
    network_.put(route);
  }
  settle();
  EXPECT_EQ(paths_.size(), 2U);
  EXPECT_EQ(looks_at_interfaces_, 1) << "no interface has changed";
}

TEST_F(NetworkFeedTest, WhatChangesNothingIsNotHandedOn) {
  open();
  settle();
  network_.put(scripted_route());
  settle();
  EXPECT_EQ(paths_.size(), 1U);
}

TEST_F(NetworkFeedTest, ALostCarrierIsHandedOn) {
  open();
  settle();
  net::Interface link = scripted_interface();
  link.carrier = false;
  network_.put(link);
  settle();
  ASSERT_EQ(paths_.size(), 2U);
  EXPECT_EQ(looks_at_interfaces_, 2);
  EXPECT_FALSE(path("10.7.0.9").carrier);
}

TEST_F(NetworkFeedTest, RecoversWhatTheSystemDidNotTell) {
  open();
  settle();
  network_.set_deaf(true);
  network_.remove(scripted_route());
  settle();
  EXPECT_EQ(path("10.7.0.9").kind, Path::Kind::kOnLink);
  network_.set_deaf(false);
  settle();
  EXPECT_EQ(path("10.7.0.9").kind, Path::Kind::kNone);
  EXPECT_EQ(feed_->numbers().overruns, 1U);
  EXPECT_EQ(feed_->numbers().resyncs, 1U);
}

TEST_F(NetworkFeedTest, KeepsAListOfChangesAndSaysWhenTheSystemLostCount) {
  open();
  settle();
  EXPECT_EQ(feed_->changes().size(), 3U);
  EXPECT_THAT(lost_counts_, ::testing::Each(false));
  const std::size_t told = lost_counts_.size();
  network_.put(scripted_route());  // as it was
  settle();
  EXPECT_EQ(lost_counts_.size(), told);
  network_.set_deaf(true);
  network_.remove(scripted_route());
  network_.set_deaf(false);
  settle();
  EXPECT_THAT(lost_counts_, ::testing::Contains(true));
  EXPECT_EQ(feed_->changes().tombstones(), 1U);
}

TEST_F(NetworkFeedTest, ClaimsNothingUnderPolicyRouting) {
  open();
  network_.set_policy_routing(true);
  settle();
  EXPECT_EQ(path("10.8.0.9").kind, Path::Kind::kUnknown);
  network_.set_policy_routing(false);
  settle();
  EXPECT_EQ(path("10.8.0.9").kind, Path::Kind::kNone);
}

TEST_F(NetworkFeedTest, CountsWhatItFollows) {
  open();
  settle();
  network_.remove(scripted_route());
  settle();
  const exporters::NetworkNumbers numbers = feed_->numbers();
  EXPECT_EQ(numbers.interfaces, 1U);
  EXPECT_EQ(numbers.addresses, 1U);
  EXPECT_EQ(numbers.routes, 0U);
  EXPECT_EQ(numbers.updates, 4U);
  EXPECT_EQ(numbers.overruns, 0U);
  EXPECT_EQ(numbers.resyncs, 0U);
}

TEST_F(NetworkFeedTest, GoesOnWithoutAWatchAndSaysSo) {
  open(base::fail("open a netlink socket", std::make_error_code(std::errc::operation_not_permitted)));
  settle();
  EXPECT_TRUE(paths_.empty());
  EXPECT_EQ(feed_->numbers().interfaces, 0U);
  EXPECT_THAT(log_.events(), ::testing::ElementsAre("changes of the network are not followed"));
}

/// A system that tells nothing by itself.
class PollingWatch final : public io::NetworkWatch {
 public:
  void start(Handler /*handler*/) override {}
  [[nodiscard]] io::NetworkWatchNumbers numbers() const override {
    io::NetworkWatchNumbers numbers;
    numbers.polling = true;
    return numbers;
  }
};

TEST_F(NetworkFeedTest, SaysWhereTheSystemGivesNoNotices) {
  open(std::make_unique<PollingWatch>());
  EXPECT_TRUE(feed_->numbers().polling);
  EXPECT_THAT(log_.events(),
              ::testing::ElementsAre("the system gives no notices of changes of the network: it is polled"));
}

TEST_F(NetworkFeedTest, TellsNobodyAnythingAfterItsStop) {
  open();
  service_.run_one();  // the dump has come, and waits for what may come with it
  feed_->stop();
  settle();
  EXPECT_TRUE(paths_.empty());
}

}  // namespace
}  // namespace sounder::app
