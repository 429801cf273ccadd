/// Where rendered text is collected and cut into slices.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>

namespace sounder::exporters::text {

/// A growing array of characters that, unlike std::string, is not filled before it is written to.
class TextBuffer {
 public:
  explicit TextBuffer(std::size_t capacity) : bytes_(new char[capacity]), capacity_(capacity) {}

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] std::string_view view() const { return {bytes_.get(), size_}; }

  /// Room for `count` more characters. What is written there counts after commit().
  [[nodiscard]] char* reserve(std::size_t count) {
    if (capacity_ - size_ < count) grow(count);
    return bytes_.get() + size_;
  }
  /// `end`: one past the last character written into the room of reserve().
  void commit(const char* end) { size_ = static_cast<std::size_t>(end - bytes_.get()); }

  void append(std::string_view text) { commit(std::copy(text.begin(), text.end(), reserve(text.size()))); }
  void append(char character) {
    char* at = reserve(1);
    *at = character;
    commit(at + 1);
  }
  void clear() { size_ = 0; }
  /// Forgets the first `count` characters.
  void drop_front(std::size_t count) {
    std::memmove(bytes_.get(), bytes_.get() + count, size_ - count);
    size_ -= count;
  }

 private:
  void grow(std::size_t count) {
    const std::size_t capacity = std::max(size_ + count, capacity_ + capacity_ / 2);
    std::unique_ptr<char[]> bytes(new char[capacity]);
    std::memcpy(bytes.get(), bytes_.get(), size_);
    bytes_ = std::move(bytes);
    capacity_ = capacity;
  }

  std::unique_ptr<char[]> bytes_;
  std::size_t capacity_;
  std::size_t size_ = 0;
};

}  // namespace sounder::exporters::text
