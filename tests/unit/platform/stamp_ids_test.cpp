#include "engine/platform/linux/stamp_ids.h"

#include <gtest/gtest.h>

namespace sounder::platform {

namespace {

using wire::ProbeId;
using wire::SendFailure;

constexpr int kNoSocket = -1;
const base::MonoTime kStart{std::chrono::hours(1)};

TEST(StampIds, OurOwnIdIsTheProbe) {
  const StampIds ids(StampIds::Mode::kOwn);
  EXPECT_EQ(ids.find(0xab00'0007U), ProbeId(0xab00'0007U));
}

TEST(StampIds, CountsWhatTheKernelCounts) {
  StampIds ids(StampIds::Mode::kCounted);
  ids.on_accepted(ProbeId(100));
  ids.on_refused(ProbeId(101), SendFailure::kNoRoute, kStart);       // no packet was made: no id
  ids.on_refused(ProbeId(102), SendFailure::kNotPermitted, kStart);  // made, then dropped by a filter: an id
  ids.on_accepted(ProbeId(103));
  EXPECT_EQ(ids.find(0), ProbeId(100));
  EXPECT_EQ(ids.find(2), ProbeId(103));
  EXPECT_FALSE(ids.in_doubt());
}

TEST(StampIds, KnowsNoIdThatWasNotGivenYet) {
  StampIds ids(StampIds::Mode::kCounted);
  EXPECT_FALSE(ids.find(0));
  ids.on_accepted(ProbeId(100));
  EXPECT_FALSE(ids.find(1));
  EXPECT_FALSE(ids.find(0xffff'fff0U));
}

TEST(StampIds, TrustsNoneAfterARefusalThatMayOrMayNotHaveTakenAnId) {
  StampIds ids(StampIds::Mode::kCounted);
  ids.on_accepted(ProbeId(100));
  ids.on_refused(ProbeId(101), SendFailure::kNoBuffer, kStart);
  EXPECT_TRUE(ids.in_doubt());
  EXPECT_FALSE(ids.find(0));
  // Neither while stamps of packets that wait for a neighbour may still come, nor without a socket to set back.
  ids.restore(kNoSocket, kStart + std::chrono::seconds(3));
  EXPECT_TRUE(ids.in_doubt());
  ids.restore(kNoSocket, kStart + std::chrono::seconds(5));
  EXPECT_TRUE(ids.in_doubt());
}

}  // namespace

}  // namespace sounder::platform
