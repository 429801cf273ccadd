#include "engine/broker/slab.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <memory_resource>
#include <span>
#include <stdexcept>
#include <vector>

#include "engine/broker/counting_memory.h"

namespace sounder::broker {
namespace {

/// As large as a registration may be.
struct Thing {
  explicit Thing(int n) : number(n) {
    if (n < 0) throw std::invalid_argument("negative");
  }
  std::int64_t number;
  std::array<std::int64_t, 6> rest{};
};
static_assert(Slab<Thing>::slot_bytes() == 64);

class SlabTest : public ::testing::Test {
 protected:
  ~SlabTest() override { EXPECT_EQ(memory_.bytes(), 0U); }

  CountingMemory memory_{*std::pmr::new_delete_resource()};
};

TEST_F(SlabTest, FindsWhatIsThereAndNothingElse) {
  {
    Slab<Thing> slab(memory_);
    Thing& one = slab.emplace(1);
    Thing& two = slab.emplace(2);
    const SlabId id_of_one = slab.id_of(one);
    EXPECT_NE(id_of_one, SlabId());
    EXPECT_EQ(slab.find(id_of_one), &one);
    EXPECT_EQ(slab.find(slab.id_of(two))->number, 2);
    slab.erase(one);
    EXPECT_EQ(slab.find(id_of_one), nullptr);
    Thing& three = slab.emplace(3);
    EXPECT_EQ(&three, &one) << "a slot is used again";
    EXPECT_EQ(slab.find(id_of_one), nullptr) << "and its id is not";
    for (const std::uint64_t id : {0ULL, 1ULL, 1ULL << 32U, ~0ULL, 7ULL << 32U | 0xffffffffULL}) {
      const Thing* found = slab.find(SlabId(id));
      EXPECT_TRUE(found == nullptr || slab.id_of(*found) == SlabId(id));
    }
    EXPECT_EQ(slab.size(), 2U);
    slab.erase(two);
    slab.erase(three);
  }
}

TEST_F(SlabTest, GivesWholeChunksBackAndKeepsOne) {
  {
    Slab<Thing> slab(memory_);
    std::vector<Thing*> things;
    for (int i = 0; i < 80'000; ++i) things.push_back(&slab.emplace(i));
    EXPECT_EQ(slab.chunks(), 10U);
    EXPECT_EQ(memory_.bytes(), 10 * Slab<Thing>::kChunkBytes);
    for (int i = 0; i < 80'000; ++i) ASSERT_EQ(things[static_cast<std::size_t>(i)]->number, i);
    for (Thing* thing : things) slab.erase(*thing);
    EXPECT_EQ(slab.chunks(), 1U);
    for (int i = 0; i < 3; ++i) slab.erase(slab.emplace(i));
    EXPECT_EQ(memory_.bytes(), Slab<Thing>::kChunkBytes);
  }
}

/// Gives memory that is full of something.
class UsedMemory final : public std::pmr::memory_resource {
 public:
  static constexpr std::byte kMark{0x5a};
  [[nodiscard]] std::size_t changed() const {
    return block_.size() - static_cast<std::size_t>(std::count(block_.begin(), block_.end(), kMark));
  }

 private:
  void* do_allocate(std::size_t bytes, std::size_t alignment) override {
    void* memory = std::pmr::new_delete_resource()->allocate(bytes, alignment);
    block_ = {static_cast<std::byte*>(memory), bytes};
    std::fill(block_.begin(), block_.end(), kMark);
    return memory;
  }
  void do_deallocate(void* memory, std::size_t bytes, std::size_t alignment) override {
    std::pmr::new_delete_resource()->deallocate(memory, bytes, alignment);
  }
  [[nodiscard]] bool do_is_equal(const std::pmr::memory_resource& other) const noexcept override {
    return this == &other;
  }

  std::span<std::byte> block_;
};

TEST_F(SlabTest, TouchesNoMoreOfAChunkThanItUses) {
  UsedMemory memory;
  Slab<Thing> slab(memory);
  Thing& one = slab.emplace(1);
  EXPECT_LE(memory.changed(), 2 * Slab<Thing>::slot_bytes());
  // The numbers that happen to be where nothing ever was are nobody's id.
  for (const std::uint64_t place : {1ULL, 2ULL, 4096ULL}) {
    EXPECT_EQ(slab.find(SlabId(0x5a5a5a5aULL << 32U | place)), nullptr);
  }
  Thing& two = slab.emplace(2);
  slab.erase(one);
  Thing& three = slab.emplace(3);
  EXPECT_EQ(&three, &one) << "what was used before is used first";
  EXPECT_LE(memory.changed(), 3 * Slab<Thing>::slot_bytes());
  slab.erase(two);
  slab.erase(three);
}

TEST_F(SlabTest, FillsTheRoomThatItHas) {
  {
    Slab<Thing> slab(memory_);
    std::vector<Thing*> things;
    for (int i = 0; i < 40'000; ++i) things.push_back(&slab.emplace(i));
    const std::size_t chunks = slab.chunks();
    for (std::size_t i = 0; i < things.size(); i += 2) slab.erase(*things[i]);
    EXPECT_EQ(slab.chunks(), chunks);
    for (std::size_t i = 0; i < things.size(); i += 2) things[i] = &slab.emplace(-0);
    EXPECT_EQ(slab.chunks(), chunks);
    for (Thing* thing : things) slab.erase(*thing);
  }
}

TEST_F(SlabTest, ChangesNothingWhenAConstructorThrows) {
  {
    Slab<Thing> slab(memory_);
    EXPECT_THROW(slab.emplace(-1), std::invalid_argument);
    EXPECT_EQ(slab.size(), 0U);
    Thing& thing = slab.emplace(1);
    EXPECT_THROW(slab.emplace(-1), std::invalid_argument);
    EXPECT_EQ(slab.size(), 1U);
    slab.erase(thing);
  }
}

TEST_F(SlabTest, ChangesNothingWhenThereIsNoMemory) {
  Slab<Thing> slab(*std::pmr::null_memory_resource());
  for (int i = 0; i < 3; ++i) EXPECT_THROW(slab.emplace(1), std::bad_alloc);
  EXPECT_EQ(slab.size(), 0U);
  EXPECT_EQ(slab.chunks(), 0U);
}

TEST_F(SlabTest, NeverGivesTheIdZeroWhenGenerationsWrap) {
  {
    Slab<Thing> slab(memory_);
    slab.set_next_generation(0xffffffffU);
    Thing& last = slab.emplace(1);
    EXPECT_EQ(slab.id_of(last).value() >> 32U, 0xffffffffU);
    Thing& first = slab.emplace(2);
    EXPECT_EQ(slab.id_of(first).value() >> 32U, 1U);
    EXPECT_EQ(slab.find(slab.id_of(last)), &last);
    slab.erase(last);
    slab.erase(first);
  }
}

TEST(SlabDeathTest, IsEmptyAtItsEnd) {
  EXPECT_DEATH({ Slab<Thing>(*std::pmr::new_delete_resource()).emplace(1); }, "size_ == 0");
}

}  // namespace
}  // namespace sounder::broker
