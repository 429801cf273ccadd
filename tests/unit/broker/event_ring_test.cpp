#include "engine/broker/event_ring.h"

#include <gtest/gtest.h>

#include <array>
#include <initializer_list>
#include <memory>
#include <vector>

namespace sounder::broker {
namespace {

using Ring = EventRing<int, 3>;

class EventRingTest : public ::testing::Test {
 protected:
  void push(int payload, std::initializer_list<const Ring::Topic*> topics) {
    ring_.push(payload, std::vector<const Ring::Topic*>(topics));
  }

  /// Reads one event, and moves on. 0: a gap alone.
  int read(const Ring::Topic& topic, Ring::Cursor& cursor) {
    const auto found = ring_.next(topic, cursor);
    if (!found) return -1;
    missed_ += found->missed;
    cursor = found->after;
    return found->payload == nullptr ? 0 : *found->payload;
  }

  Ring ring_{4, *std::pmr::new_delete_resource()};
  Ring::Topic all_{ring_};
  Ring::Topic some_{ring_};
  std::uint64_t missed_ = 0;
};

TEST_F(EventRingTest, TellsEachTopicItsEventsInOrder) {
  auto of_all = ring_.end(all_);
  auto of_some = ring_.end(some_);
  EXPECT_EQ(read(all_, of_all), -1);
  push(1, {&all_});
  push(2, {&all_, &some_});
  push(3, {&all_, &some_});
  EXPECT_EQ(ring_.behind(all_, of_all), 3U);
  for (const int expected : {1, 2, 3, -1}) EXPECT_EQ(read(all_, of_all), expected);
  for (const int expected : {2, 3, -1}) EXPECT_EQ(read(some_, of_some), expected);
  EXPECT_EQ(missed_, 0U);
  EXPECT_EQ(ring_.behind(all_, of_all), 0U);
}

TEST_F(EventRingTest, TellsWhoFollowsLaterWhatComesFromThenOn) {
  push(1, {&all_});
  auto cursor = ring_.end(all_);
  EXPECT_EQ(cursor.expected, 1U);
  push(2, {&all_});
  EXPECT_EQ(read(all_, cursor), 2);
}

TEST_F(EventRingTest, CountsExactlyWhatWasOverwritten) {
  auto cursor = ring_.end(all_);
  for (int i = 1; i <= 10; ++i) push(i, {&all_});
  const auto found = ring_.next(all_, cursor);
  ASSERT_TRUE(found);
  EXPECT_EQ(*found->payload, 7);
  EXPECT_EQ(found->number, 6U);
  EXPECT_EQ(found->missed, 6U);
  for (const int expected : {7, 8, 9, 10, -1}) EXPECT_EQ(read(all_, cursor), expected);
}

TEST_F(EventRingTest, CountsATopicsOwnEventsAlone) {
  auto cursor = ring_.end(some_);
  push(1, {&some_});
  push(2, {&some_});
  EXPECT_EQ(read(some_, cursor), 1);
  for (int i = 3; i <= 5; ++i) push(i, {&all_});
  EXPECT_EQ(read(some_, cursor), 2) << "its predecessor was overwritten, and it was not";
  EXPECT_EQ(missed_, 0U);
}

TEST_F(EventRingTest, TellsOfAGapWhereNothingIsLeft) {
  auto cursor = ring_.end(some_);
  push(1, {&some_});
  push(2, {&some_});
  for (int i = 3; i <= 6; ++i) push(i, {&all_});
  const auto found = ring_.next(some_, cursor);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->payload, nullptr);
  EXPECT_EQ(found->number, 2U);
  EXPECT_EQ(found->missed, 2U);
  cursor = found->after;
  EXPECT_EQ(read(some_, cursor), -1);
  push(7, {&some_});
  EXPECT_EQ(read(some_, cursor), 7);
}

TEST_F(EventRingTest, KeepsNothingThatNobodyFollows) {
  auto cursor = ring_.end(all_);
  push(1, {&all_});
  for (int i = 0; i < 100; ++i) push(i, {});
  EXPECT_EQ(read(all_, cursor), 1);
}

TEST_F(EventRingTest, ForgetsATopicThatHasGone) {
  {
    const Ring::Topic gone(ring_);
    push(1, {&gone, &all_});
    push(2, {&gone});
  }
  // In the same slot, while the ring still has events of the one before.
  const Ring::Topic fresh(ring_);
  auto cursor = ring_.end(fresh);
  EXPECT_EQ(cursor.expected, 0U);
  push(3, {&fresh, &all_, &some_});
  for (int i = 4; i <= 6; ++i) push(i, {&fresh});
  for (const int expected : {3, 4, 5, 6, -1}) EXPECT_EQ(read(fresh, cursor), expected);
  EXPECT_EQ(missed_, 0U);
}

TEST(EventRing, IsSmall) {
  using Payload = std::array<std::byte, 88>;
  EXPECT_LE(sizeof(EventRing<Payload, 3>::Cursor), 16U);
}

TEST(EventRingDeathTest, OutlivesItsTopics) {
  EXPECT_DEATH(
      {
        auto ring = std::make_unique<Ring>(4, *std::pmr::new_delete_resource());
        const Ring::Topic topic(*ring);
        ring.reset();
      },
      "open_topics");
}

}  // namespace
}  // namespace sounder::broker
