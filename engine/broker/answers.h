/// Answers that a session has not taken yet: so short that they have their place in the session. What they tell of is
/// looked up when they are written.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "engine/base/check.h"
#include "engine/broker/account.h"
#include "engine/broker/limits.h"

namespace sounder::broker {

struct Answer {
  enum class Kind : std::uint8_t { kWelcome, kRefused, kRegistered, kUnregistered, kPong, kSessions };
  enum class Refusal : std::uint8_t { kVersion, kLimit, kNotPermitted, kInvalid, kUnknownMessage };

  Kind kind = Kind::kWelcome;
  Refusal refusal = Refusal::kVersion;
  Level level = Level::kClient;                ///< of kLimit
  Resource resource = Resource::kConnections;  ///< of kLimit
  std::uint32_t correlation = 0;
  /// kRegistered, kUnregistered: how many; kPong: the token; kSessions: after which; kLimit: the maximum.
  std::uint64_t first = 0;
  std::uint64_t second = 0;    ///< kLimit: the use
  const char* text = nullptr;  ///< of a refusal; lives for ever

  [[nodiscard]] static Answer refused(std::uint32_t correlation, const Shortage& shortage) {
    return {.kind = Kind::kRefused,
            .refusal = Refusal::kLimit,
            .level = shortage.level,
            .resource = shortage.resource,
            .correlation = correlation,
            .first = shortage.maximum,
            .second = shortage.used};
  }
};

class Answers {
 public:
  [[nodiscard]] bool empty() const { return size_ == 0; }
  [[nodiscard]] bool full() const { return size_ == kMaxUnanswered; }
  void push(const Answer& answer) {
    SOUNDER_CHECK(!full());
    ring_[(first_ + size_) % kMaxUnanswered] = answer;
    ++size_;
  }
  /// What the others tell of is about to be given back.
  void keep_refusals() {
    for (std::uint8_t left = size_; left > 0; --left) {
      const Answer answer = front();
      pop();
      if (answer.kind == Answer::Kind::kRefused) push(answer);
    }
  }
  [[nodiscard]] const Answer& front() const { return ring_[first_]; }
  void pop() {
    SOUNDER_CHECK(!empty());
    first_ = static_cast<std::uint8_t>((first_ + 1U) % kMaxUnanswered);
    --size_;
  }

 private:
  std::array<Answer, kMaxUnanswered> ring_{};
  std::uint8_t first_ = 0;
  std::uint8_t size_ = 0;
};

}  // namespace sounder::broker
