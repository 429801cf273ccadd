#include "engine/broker/counting_memory.h"

#include <gtest/gtest.h>

#include <vector>

namespace sounder::broker {
namespace {

TEST(CountingMemory, CountsWhatIsHeld) {
  CountingMemory memory(*std::pmr::new_delete_resource());
  {
    std::pmr::vector<int> numbers(&memory);
    numbers.reserve(100);
    EXPECT_EQ(memory.bytes(), 100 * sizeof(int));
    numbers.reserve(200);
    EXPECT_EQ(memory.bytes(), 200 * sizeof(int));
  }
  EXPECT_EQ(memory.bytes(), 0U);
}

TEST(CountingMemory, CountsNothingThatWasRefused) {
  CountingMemory memory(*std::pmr::null_memory_resource());
  EXPECT_THROW(static_cast<void>(memory.allocate(1)), std::bad_alloc);
  EXPECT_EQ(memory.bytes(), 0U);
}

}  // namespace
}  // namespace sounder::broker
