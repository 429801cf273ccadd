/// The engine's small parts, each by itself.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <vector>

#include "engine/probe/address_index.h"
#include "engine/probe/bit_set.h"
#include "engine/probe/in_flight_pool.h"
#include "engine/probe/overflow_ledger.h"
#include "engine/probe/rate_limit.h"
#include "engine/probe/round_trip.h"
#include "engine/probe/sequence_window.h"

namespace sounder::probe {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

base::MonoTime at(base::Duration time) { return base::MonoTime(time); }

TEST(BitSet, FindsTheNextMemberAcrossWords) {
  BitSet set(131'072);
  EXPECT_FALSE(set.any());
  set.set(5);
  set.set(100'000);
  EXPECT_EQ(set.find(0, 131'071), 5U);
  EXPECT_EQ(set.find(6, 131'071), 100'000U);
  EXPECT_EQ(set.find(6, 99'999), std::nullopt);
  EXPECT_EQ(set.find_circular(100'001), 5U);
  set.reset(5);
  EXPECT_EQ(set.find_circular(100'001), 100'000U);
}

TEST(RateLimit, KeepsItsRateExactlyOverALongTime) {
  RateLimit limit(700);  // no whole number of nanoseconds each
  int taken = 0;
  for (base::MonoTime now = at(0s); now <= at(100s); now = limit.ready_at()) {
    ASSERT_TRUE(limit.ready(now));
    limit.take();
    ++taken;
  }
  EXPECT_EQ(taken, 7 + 70'000);  // the burst, and what came since
}

TEST(RateLimit, SaysWhenTheNextTokenIsThere) {
  RateLimit limit(1000);
  while (limit.ready(at(1s))) limit.take();
  EXPECT_EQ(limit.ready_at(), at(1001ms));
  EXPECT_FALSE(limit.ready(at(1001ms - 1ns)));
  EXPECT_TRUE(limit.ready(at(1001ms)));
}

TEST(RateLimit, ALongPauseIsNotMadeUpFor) {
  RateLimit limit(1000);
  while (limit.ready(at(0s))) limit.take();
  int burst = 0;
  for (; limit.ready(at(1h)); ++burst) limit.take();
  EXPECT_EQ(burst, 10);
}

TEST(OverflowLedger, AnExcuseGoesToTheProbesThatLivedThroughIt) {
  OverflowLedger ledger;
  ledger.add(2, 100, at(10s));
  EXPECT_FALSE(ledger.excuse(at(11s)));
  EXPECT_TRUE(ledger.excuse(at(9s)));
  EXPECT_TRUE(ledger.excuse(at(10s)));
  EXPECT_FALSE(ledger.excuse(at(9s)));
  EXPECT_TRUE(ledger.empty());
}

TEST(OverflowLedger, NeverExcusesMoreThanWereInFlight) {
  OverflowLedger ledger;
  ledger.add(1000, 1, at(1s));
  EXPECT_TRUE(ledger.excuse(at(0s)));
  EXPECT_FALSE(ledger.excuse(at(0s)));
}

TEST(OverflowLedger, ManyOpenOverflowsKeepTheirSum) {
  OverflowLedger ledger;
  for (int i = 0; i < 200; ++i) ledger.add(1, 1000, at(i * 1s));
  int excused = 0;
  while (ledger.excuse(at(0s))) ++excused;
  EXPECT_EQ(excused, 200);
}

TEST(OverflowLedger, ForgetsWhatExcusesNobodyAnyMore) {
  OverflowLedger ledger;
  ledger.add(5, 5, at(1s));
  ledger.add(5, 5, at(2s));
  ledger.forget_before(at(2s));
  EXPECT_FALSE(ledger.empty());
  ledger.forget_before(at(3s));
  EXPECT_TRUE(ledger.empty());
}

class Index : public ::testing::Test {
 protected:
  std::vector<std::uint32_t> all(const base::IpAddress& address) {
    std::vector<std::uint32_t> found;
    index_.find(address, [&](std::uint32_t target) {
      found.push_back(target);
      return false;
    });
    return found;
  }
  AddressIndex index_{8, {1, 2}};
};

TEST_F(Index, SeveralTargetsShareAnAddress) {
  const auto one = base::IpAddress::v4(0x0a000001);
  const auto two = base::IpAddress::v4(0x0a000002);
  index_.insert(one, 3);
  index_.insert(two, 4);
  index_.insert(one, 0);
  EXPECT_THAT(all(one), UnorderedElementsAre(3, 0));
  index_.erase(one, 3);
  EXPECT_THAT(all(one), ElementsAre(0));
  EXPECT_THAT(all(two), ElementsAre(4));
}

TEST_F(Index, StaysWholeWhateverIsErasedInBetween) {
  for (std::uint32_t round = 0; round < 50; ++round) {
    for (std::uint32_t i = 0; i < 8; ++i) index_.insert(base::IpAddress::v4(round * 100 + i), i);
    for (std::uint32_t i = 0; i < 8; i += 2) index_.erase(base::IpAddress::v4(round * 100 + i), i);
    for (std::uint32_t i = 1; i < 8; i += 2) {
      EXPECT_THAT(all(base::IpAddress::v4(round * 100 + i)), ElementsAre(i));
      index_.erase(base::IpAddress::v4(round * 100 + i), i);
    }
    EXPECT_THAT(all(base::IpAddress::v4(round * 100)), IsEmpty());
  }
}

TEST(InFlightPool, RemembersAnEndedProbeUntilItsSlotIsReused) {
  InFlightPool pool;
  EXPECT_FALSE(pool.allocate().has_value());
  pool.adopt(InFlightPool::Store::make_chunk());
  const auto first = *pool.allocate();
  pool.release(first, Probe::State::kReplied);
  EXPECT_EQ(pool.find(first)->state, Probe::State::kReplied);
  for (std::size_t i = 1; i < pool.capacity(); ++i) ASSERT_TRUE(pool.allocate().has_value());
  EXPECT_NE(pool.find(first), nullptr);
  const auto again = *pool.allocate();
  EXPECT_EQ(InFlightPool::slot_of(again), InFlightPool::slot_of(first));
  EXPECT_NE(again, first);
  EXPECT_EQ(pool.find(first), nullptr);
  EXPECT_FALSE(pool.allocate().has_value());
  EXPECT_EQ(pool.in_use(), pool.capacity());
}

TEST(InFlightPool, ANameThatWasNeverGivenOutIsNobodys) {
  InFlightPool pool;
  EXPECT_EQ(pool.find(wire::ProbeId(0)), nullptr);
  pool.adopt(InFlightPool::Store::make_chunk());
  EXPECT_EQ(pool.find(wire::ProbeId(0)), nullptr);
  EXPECT_EQ(pool.find(wire::ProbeId(0xffffffff)), nullptr);
}

TEST(SequenceWindow, WidensToTheLatestNumberThatWasSent) {
  const wire::Sequence first(65'530);
  EXPECT_EQ(SequenceWindow::widen(wire::WireSequence(65'530), first, first), std::nullopt);
  EXPECT_EQ(SequenceWindow::widen(wire::WireSequence(65'530), first, wire::Sequence(65'540)), first);
  EXPECT_EQ(SequenceWindow::widen(wire::WireSequence(3), first, wire::Sequence(65'540)), wire::Sequence(65'539));
  EXPECT_EQ(SequenceWindow::widen(wire::WireSequence(4), first, wire::Sequence(65'540)), std::nullopt);
  EXPECT_EQ(SequenceWindow::widen(wire::WireSequence(65'529), first, wire::Sequence(65'540)), std::nullopt);
  EXPECT_EQ(SequenceWindow::widen(wire::WireSequence(65'530), first, wire::Sequence(200'000)),
            wire::Sequence(65'530 + 65'536 * 2));
}

TEST(Arrival, LiesBetweenTheLastEmptyQueueAndTheEndOfTheCall) {
  const ReadTime read{at(10s), base::WallTime(100s), at(9s)};
  EXPECT_EQ(arrival_of(base::WallTime(99'500ms), read), at(9'500ms));
  EXPECT_EQ(arrival_of(base::WallTime(50s), read), at(9s));
  EXPECT_EQ(arrival_of(base::WallTime(200s), read), at(10s));
  EXPECT_EQ(arrival_of(std::nullopt, read), at(9s));
}

TEST(RoundTrip, KernelStampsCountOnlyWithinTheBracket) {
  const auto measured = [](base::Duration tx, base::Duration rx) {
    return measure({at(0s), at(10ms), base::WallTime(tx), base::WallTime(rx)}, true);
  };
  EXPECT_EQ(measured(5s, 5s + 10ms), (RoundTrip{10ms, StampSource::kKernel, StampSource::kKernel}));
  EXPECT_EQ(measured(5s, 5s), (RoundTrip{0ms, StampSource::kKernel, StampSource::kKernel}));
  EXPECT_EQ(measured(5s, 5s + 10ms + 1ns), (RoundTrip{10ms, StampSource::kUser, StampSource::kUser}));
  EXPECT_EQ(measured(5s, 5s - 1ns), (RoundTrip{10ms, StampSource::kUser, StampSource::kUser}));
}

}  // namespace
}  // namespace sounder::probe
