/// An array that grows by whole chunks made elsewhere, so that it neither allocates nor moves what it holds.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "engine/base/check.h"

namespace sounder::probe {

/// 2^kChunkBits elements a chunk. Chunks are made on one thread and adopted on another.
template <class T, unsigned kChunkBits>
class ChunkedStore {
 public:
  static constexpr std::size_t kChunkSize = std::size_t{1} << kChunkBits;
  using Chunk = std::unique_ptr<T[]>;

  [[nodiscard]] static Chunk make_chunk() { return std::make_unique<T[]>(kChunkSize); }
  [[nodiscard]] static constexpr std::size_t chunks_for(std::size_t elements) {
    return (elements + kChunkSize - 1) / kChunkSize;
  }

  explicit ChunkedStore(std::size_t max_elements) { chunks_.reserve(chunks_for(max_elements)); }

  void adopt(Chunk chunk) {
    SOUNDER_CHECK(chunks_.size() < chunks_.capacity());
    chunks_.push_back(std::move(chunk));
  }

  [[nodiscard]] std::size_t size() const { return chunks_.size() * kChunkSize; }
  [[nodiscard]] T& operator[](std::uint32_t index) { return chunks_[index >> kChunkBits][index & (kChunkSize - 1)]; }
  [[nodiscard]] const T& operator[](std::uint32_t index) const {
    return chunks_[index >> kChunkBits][index & (kChunkSize - 1)];
  }

 private:
  std::vector<Chunk> chunks_;
};

}  // namespace sounder::probe
