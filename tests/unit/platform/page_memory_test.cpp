#include "engine/platform/page_memory.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>

#include "engine/platform/platform.h"

namespace sounder::platform {
namespace {

TEST(PageMemory, GivesBlocksOfAnySize) {
  constexpr std::array<std::size_t, 6> kSizes{1,      4'096,    PageMemory::kFromPages - 1, PageMemory::kFromPages,
                                              65'536, 8'388'608};
  for (const std::size_t size : kSizes) {
    void* memory = page_memory().allocate(size, 64);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(memory) % 64, 0U);
    const std::span bytes(static_cast<unsigned char*>(memory), size);
    std::fill(bytes.begin(), bytes.end(), static_cast<unsigned char>(0xa5));
    EXPECT_EQ(bytes.back(), 0xa5);
    page_memory().deallocate(memory, size, 64);
  }
}

TEST(PageMemory, IsBackWithTheSystemAtOnce) {
  constexpr std::size_t kBlocks = 512;
  constexpr std::size_t kSize = 65'536;
  const auto stats = make_process_stats();
  const auto resident = [&stats] { return stats->read().resident_bytes; };
  const auto before = resident();
  std::array<void*, kBlocks> blocks{};
  for (void*& block : blocks) {
    block = page_memory().allocate(kSize);
    const std::span bytes(static_cast<unsigned char*>(block), kSize);
    std::fill(bytes.begin(), bytes.end(), static_cast<unsigned char>(1));
  }
  EXPECT_GE(resident(), before + kBlocks * kSize * 9 / 10);
  for (void* block : blocks) page_memory().deallocate(block, kSize);
  EXPECT_LE(resident(), before + kBlocks * kSize / 5);  // a sanitizer keeps an eighth, its own notes of that memory
}

}  // namespace
}  // namespace sounder::platform
