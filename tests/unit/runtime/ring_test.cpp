#include "engine/runtime/ring.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <thread>

namespace sounder::runtime {
namespace {

TEST(Ring, GivesWhatWasPutInOrder) {
  Ring<int> ring(4);
  EXPECT_TRUE(ring.try_push(1));
  EXPECT_TRUE(ring.try_push(2));
  EXPECT_EQ(ring.try_pop(), 1);
  EXPECT_EQ(ring.try_pop(), 2);
  EXPECT_EQ(ring.try_pop(), std::nullopt);
}

TEST(Ring, RefusesWhenFullAndLeavesTheItem) {
  Ring<std::unique_ptr<int>> ring(2);
  EXPECT_TRUE(ring.try_push(std::make_unique<int>(1)));
  EXPECT_TRUE(ring.try_push(std::make_unique<int>(2)));
  auto item = std::make_unique<int>(3);
  EXPECT_FALSE(ring.try_push(item));
  ASSERT_NE(item, nullptr);
  EXPECT_EQ(**ring.try_pop(), 1);
  EXPECT_TRUE(ring.try_push(item));
  EXPECT_EQ(item, nullptr);
}

TEST(Ring, HoldsAtLeastItsCapacity) { EXPECT_EQ(Ring<int>(5).capacity(), 8U); }

TEST(Ring, OfNoCapacityIsAlwaysFullAndEmpty) {
  Ring<int> ring(0);
  EXPECT_FALSE(ring.try_push(1));
  EXPECT_EQ(ring.try_pop(), std::nullopt);
}

TEST(Ring, FreesAnElementWhenItIsTaken) {
  Ring<std::shared_ptr<int>> ring(2);
  const auto item = std::make_shared<int>(1);
  ASSERT_TRUE(ring.try_push(std::shared_ptr<int>(item)));
  EXPECT_EQ(item.use_count(), 2);
  static_cast<void>(ring.try_pop());
  EXPECT_EQ(item.use_count(), 1);
}

/// One thread pushes a count, the other takes it: every number arrives once, in order, with what was written before it.
TEST(Ring, CarriesEverythingBetweenTwoThreads) {
  constexpr std::uint64_t kItems = 200'000;
  struct Item {
    std::uint64_t number = 0;
    std::uint64_t square = 0;
  };
  Ring<Item> ring(64);
  std::thread producer([&] {
    for (std::uint64_t i = 0; i < kItems; ++i) {
      while (!ring.try_push(Item{i, i * i})) std::this_thread::yield();
    }
  });
  std::uint64_t wrong = 0;
  for (std::uint64_t i = 0; i < kItems;) {
    const auto item = ring.try_pop();
    if (!item) {
      std::this_thread::yield();
      continue;
    }
    wrong += item->number == i && item->square == i * i ? 0U : 1U;
    ++i;
  }
  producer.join();
  EXPECT_EQ(wrong, 0U);
}

}  // namespace
}  // namespace sounder::runtime
