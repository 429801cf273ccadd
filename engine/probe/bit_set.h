/// A fixed set of small numbers that finds its next member fast.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace sounder::probe {

/// Numbers below `size`, a multiple of 64; a second level of bits skips 4,096 absent numbers at a step.
class BitSet {
 public:
  explicit BitSet(std::size_t size) : words_(size / 64), summary_((size / 64 + 63) / 64) {}

  [[nodiscard]] bool test(std::size_t i) const { return (words_[i / 64] >> (i % 64) & 1U) != 0; }
  void set(std::size_t i) {
    words_[i / 64] |= bit(i);
    summary_[i / 4096] |= bit(i / 64);
  }
  void reset(std::size_t i) {
    words_[i / 64] &= ~bit(i);
    if (words_[i / 64] == 0) summary_[i / 4096] &= ~bit(i / 64);
  }
  [[nodiscard]] bool any() const { return find(0, words_.size() * 64 - 1).has_value(); }

  /// The least member between `first` and `last`, both included.
  [[nodiscard]] std::optional<std::size_t> find(std::size_t first, std::size_t last) const {
    if (const std::uint64_t rest = words_[first / 64] >> (first % 64); rest != 0) {
      return bounded(first + static_cast<std::size_t>(std::countr_zero(rest)), last);
    }
    const std::size_t word = next_word(first / 64 + 1);
    if (word >= words_.size()) return std::nullopt;
    return bounded(word * 64 + static_cast<std::size_t>(std::countr_zero(words_[word])), last);
  }

  /// The first member from `first` on, going round at the end.
  [[nodiscard]] std::optional<std::size_t> find_circular(std::size_t first) const {
    const auto found = find(first, words_.size() * 64 - 1);
    return found ? found : find(0, first);
  }

 private:
  static std::uint64_t bit(std::size_t i) { return std::uint64_t{1} << (i % 64); }
  static std::optional<std::size_t> bounded(std::size_t i, std::size_t last) {
    if (i > last) return std::nullopt;
    return i;
  }

  /// The first word from `word` on that is not zero; words_.size() if there is none.
  [[nodiscard]] std::size_t next_word(std::size_t word) const {
    for (std::size_t block = word / 64; block < summary_.size(); ++block) {
      const std::uint64_t rest = block == word / 64 ? summary_[block] >> (word % 64) << (word % 64) : summary_[block];
      if (rest != 0) return block * 64 + static_cast<std::size_t>(std::countr_zero(rest));
    }
    return words_.size();
  }

  std::vector<std::uint64_t> words_;
  std::vector<std::uint64_t> summary_;
};

}  // namespace sounder::probe
