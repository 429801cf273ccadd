/// How many echo requests a client may send: cumulative numbers modulo 2^32 (as in AMQP 1.0 §2.6.7), so that an update
/// that is lost or late can't make the two sides drift.
#pragma once

#include <cstdint>

namespace sounder::broker {

class Credit {
 public:
  Credit() = default;
  /// `window` requests at once, far below 2^31. `first`: the number of the first request, for tests of the wrap.
  explicit Credit(std::uint32_t window, std::uint32_t first = 0)
      : limit_(first + window), due_(first + window), requests_(first) {}

  /// The client sent so many requests; false, if that is beyond its credit.
  [[nodiscard]] bool take(std::uint32_t count) {
    if (count > limit_ - requests_) return false;
    requests_ += count;
    return true;
  }
  /// So many of them have been told of, or refused: they may be sent again, once the client knows.
  void give_back(std::uint32_t count) { due_ += count; }
  /// The client has not been told the latest limit.
  [[nodiscard]] bool is_untold() const { return due_ != limit_; }
  /// The limit, which the client is told now.
  [[nodiscard]] std::uint32_t tell() { return limit_ = due_; }
  /// As the client was told last.
  [[nodiscard]] std::uint32_t limit() const { return limit_; }
  /// The number of the next request.
  [[nodiscard]] std::uint32_t requests() const { return requests_; }

 private:
  std::uint32_t limit_ = 0;
  std::uint32_t due_ = 0;
  std::uint32_t requests_ = 0;
};

}  // namespace sounder::broker
