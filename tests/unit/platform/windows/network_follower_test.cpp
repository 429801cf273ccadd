#include "engine/platform/windows/network_follower.h"

#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "tests/unit/platform/windows/fake_network.h"

namespace sounder::platform::windows {
namespace {

using namespace std::chrono_literals;
using namespace net::testing;
using Steps = std::vector<std::string>;

/// A follower, the loop that its ring wakes, and the state that follows it; time is what the test says.
class NetworkFollowerTest : public ::testing::Test {
 protected:
  void start() {
    network_.tables = small_tables();
    follower_.start(now_, [this](std::span<const net::WatchEvent> events) {
      largest_ = std::max(largest_, events.size());
      for (const net::WatchEvent& event : events) resyncs_ += std::holds_alternative<net::Resync>(event) ? 1 : 0;
      follow(events, state_);
    });
    settle();
  }

  /// What the loop does once it runs: one call for any number of rings, and what is due by now.
  void settle() {
    while (std::exchange(rung_, false) || (follower_.deadline() && *follower_.deadline() < now_)) {
      follower_.on_notice(now_);
    }
  }
  void advance(base::Duration by) {
    const base::MonoTime end = now_ + by;
    settle();
    while (follower_.deadline() && *follower_.deadline() <= end) {
      now_ = std::max(now_, *follower_.deadline());
      follower_.on_deadline(now_);
      if (std::exchange(rung_, false)) follower_.on_notice(now_);
    }
    now_ = end;
  }

  void expect_followed() {
    const NetworkTables expected = in_order(network_.tables);
    const NetworkTables followed = tables_of(state_);
    EXPECT_TRUE(state_.complete());
    EXPECT_EQ(followed.interfaces, expected.interfaces);
    EXPECT_EQ(followed.addresses, expected.addresses);
    EXPECT_EQ(followed.routes, expected.routes);
  }

  [[nodiscard]] std::ptrdiff_t count(const std::string& step) const {
    return std::count(network_.steps.begin(), network_.steps.end(), step);
  }

  void lose_address() { network_.tables.addresses.clear(); }

  base::MonoTime now_ = base::MonoTime(1h);
  FakeNetwork network_;
  FakeCalls calls_{network_};
  bool rung_ = false;
  std::size_t largest_ = 0;
  int resyncs_ = 0;
  net::State state_;
  NetworkFollower follower_{calls_, [this] { rung_ = true; }};
};

TEST_F(NetworkFollowerTest, SubscribesToThreeBeforeItReads) {
  start();
  EXPECT_EQ(network_.steps, (Steps{"subscribe", "subscribe", "subscribe", "read"}));
  EXPECT_EQ(network_.registered.size(), 3U);
  expect_followed();
  EXPECT_EQ(resyncs_, 2);  // the begin and the end of the first
  EXPECT_EQ(follower_.numbers().updates, 4U);
  EXPECT_FALSE(follower_.numbers().polling);
  EXPECT_FALSE(follower_.deadline());
}

TEST_F(NetworkFollowerTest, ANoticeBringsWhatChangedAtOnce) {
  start();
  lose_address();
  network_.tell();
  settle();
  expect_followed();
  EXPECT_EQ(resyncs_, 2);
  EXPECT_EQ(follower_.numbers().updates, 5U);
}

TEST_F(NetworkFollowerTest, TakesAnInitialNoticeForNoSnapshot) {
  start();
  network_.tell();
  settle();
  EXPECT_EQ(count("read"), 2);
  EXPECT_EQ(follower_.numbers().updates, 4U);
  expect_followed();
}

TEST_F(NetworkFollowerTest, MissesNothingThatChangesWhileItStarts) {
  network_.before_read = [this] {
    network_.tables.routes.push_back(route("198.51.100.0/24", 2, "192.0.2.7"));
    network_.tell();
    network_.before_read = nullptr;
  };
  network_.after_read = [this] {
    lose_address();
    network_.tell();
    network_.after_read = nullptr;
  };
  start();
  advance(1s);
  expect_followed();
}

TEST_F(NetworkFollowerTest, MissesNothingThatChangesWhileItReads) {
  start();
  int changes = 0;
  network_.after_read = [&] {
    if (++changes > 20) return;
    network_.tables.interfaces.front().mtu = static_cast<std::uint32_t>(changes);
    network_.tell();
  };
  network_.tell();
  advance(1min);
  EXPECT_GT(changes, 20);
  expect_followed();
}

TEST_F(NetworkFollowerTest, ReadsMoreAndMoreSeldomWhileChangesDoNotEnd) {
  start();
  const auto storm = [this](base::Duration length) {
    const std::ptrdiff_t before = count("read");
    for (base::Duration past{}; past < length; past += 1ms) {
      network_.tell();
      advance(1ms);
    }
    return count("read") - before;
  };
  EXPECT_LE(storm(10s), 18);
  EXPECT_LE(storm(10s), 11);
  // And at once again after a rest.
  advance(1min);
  const std::ptrdiff_t before = count("read");
  network_.tell();
  settle();
  EXPECT_EQ(count("read"), before + 1);
}

TEST_F(NetworkFollowerTest, HundredsOfThousandsOfNoticesAreOneReading) {
  start();
  for (int i = 0; i < 100'000; ++i) network_.tell();
  lose_address();
  settle();
  EXPECT_EQ(count("read"), 2);
  expect_followed();
}

TEST_F(NetworkFollowerTest, PollsWhereTheSystemRegistersNobody) {
  network_.null_handles = true;
  start();
  EXPECT_TRUE(follower_.numbers().polling);
  EXPECT_EQ(network_.steps, (Steps{"subscribe", "subscribe", "subscribe", "await", "read"}));
  lose_address();
  advance(NetworkFollower::kPollEvery);
  expect_followed();
  advance(10s);
  EXPECT_EQ(count("read"), 12);
  EXPECT_EQ(follower_.numbers().updates, 5U);
}

TEST_F(NetworkFollowerTest, PollsWhereOneRegistrationWasRefused) {
  network_.subscribe_error = 8;  // ERROR_NOT_ENOUGH_MEMORY
  start();
  EXPECT_TRUE(follower_.numbers().polling);
  EXPECT_TRUE(follower_.deadline());
}

TEST_F(NetworkFollowerTest, AnAddressListThatChangesIsANoticeAndIsAwaitedAgain) {
  network_.null_handles = true;
  start();
  lose_address();
  network_.address_ring();
  settle();
  expect_followed();
  EXPECT_EQ(network_.steps, (Steps{"subscribe", "subscribe", "subscribe", "await", "read", "await", "read"}));
}

TEST_F(NetworkFollowerTest, TriesAgainWhereTheTablesCannotBeRead) {
  network_.read_error = 8;
  start();
  EXPECT_FALSE(state_.complete());
  advance(10s);
  EXPECT_FALSE(state_.complete());
  EXPECT_LE(count("read"), 20);
  network_.read_error = 0;
  advance(NetworkFollower::kLongestPause);
  expect_followed();
  EXPECT_FALSE(follower_.deadline());
}

TEST_F(NetworkFollowerTest, KeepsWhatItKnewWhileTheTablesCannotBeRead) {
  start();
  const NetworkTables known = tables_of(state_);
  network_.read_error = 8;
  lose_address();
  network_.tell();
  settle();
  EXPECT_EQ(tables_of(state_).addresses, known.addresses);
  network_.read_error = 0;
  advance(1s);
  expect_followed();
}

TEST_F(NetworkFollowerTest, ReportsLargeTablesInPieces) {
  start();
  for (std::uint32_t i = 0; i < 1'000; ++i) {
    net::Route more = route("198.51.100.0/24", 2);
    more.metric = i;
    network_.tables.routes.push_back(more);
  }
  network_.tell();
  rung_ = false;
  now_ += 1s;
  follower_.on_notice(now_);
  EXPECT_EQ(state_.routes().size(), 2U + NetworkFollower::kBatch);
  ASSERT_TRUE(follower_.deadline());
  EXPECT_LE(*follower_.deadline(), now_);
  // A change meanwhile waits until all that was read is reported.
  lose_address();
  network_.tell();
  const std::ptrdiff_t before = count("read");
  rung_ = false;
  follower_.on_notice(now_);
  EXPECT_EQ(count("read"), before);
  advance(1s);
  expect_followed();
  EXPECT_EQ(largest_, NetworkFollower::kBatch);
}

TEST_F(NetworkFollowerTest, EndsAllRegistrationsWithItself) {
  {
    NetworkFollower follower(calls_, [] {});
    follower.start(now_, [](std::span<const net::WatchEvent>) {});
    EXPECT_EQ(network_.registered.size(), 3U);
  }
  EXPECT_TRUE(network_.registered.empty());
  EXPECT_EQ(count("cancel"), 3);
}

}  // namespace
}  // namespace sounder::platform::windows
