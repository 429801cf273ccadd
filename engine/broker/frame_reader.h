/// Bytes of a stream into messages that can be trusted to be messages: bounded in length, depth and number of tables,
/// and every offset in them checked. What their values mean is not looked at here (wire_requests.h).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory_resource>
#include <optional>
#include <span>
#include <tl/expected.hpp>
#include <vector>

#include "engine/broker/account.h"
#include "engine/broker/broker_generated.h"

namespace sounder::broker {

/// Why a stream can't be read on.
struct FrameFault {
  enum class Kind : std::uint8_t {
    kTooLong,    ///< a message is longer than it may be
    kMalformed,  ///< it is no message of this protocol
    kNoRoom,     ///< there is no room for a message that has not come whole: `shortage`
  };
  Kind kind = Kind::kMalformed;
  std::optional<Shortage> shortage;

  friend bool operator==(const FrameFault&, const FrameFault&) = default;
};
[[nodiscard]] const char* to_string(FrameFault::Kind kind);  ///< a phrase for people

/// The part of a message that has come of one stream. Holds memory only while a message has not come whole, and has
/// charged `account`, which outlives it, for it.
class PartialFrame {
 public:
  PartialFrame(Account& account, std::pmr::memory_resource& memory) : account_(account), words_(&memory) {}

  /// A message has begun, and its end is still to come.
  [[nodiscard]] bool is_open() const { return have_ > 0 && !whole_; }

 private:
  friend class FrameReader;
  void clear();

  Account& account_;
  Charge charge_;
  std::pmr::vector<std::uint64_t> words_;  ///< the frame from its length on, aligned for all that can be in it
  std::uint32_t have_ = 0;
  std::uint32_t want_ = 0;  ///< 0: not known yet
  bool whole_ = false;      ///< handed out by the last call
  std::array<std::byte, 4> head_{};
};

/// One for all streams of one direction, since a message that has come whole needs nothing of its own. One thread.
class FrameReader {
 public:
  using Result = tl::expected<const protocol::Message*, FrameFault>;

  /// `max_frame`: of a message without its length, in bytes: kMaxClientFrame, or kMaxBrokerFrame in a client.
  explicit FrameReader(std::size_t max_frame);

  /// The next message, and takes it from the front of `bytes`; null if they end before it does: then all of them are
  /// taken. To be called until then. The message is borrowed until the next call, and as long as `bytes` and `partial`
  /// live. Its body is there, if its type is one that this version knows. After a fault the stream is of no use any
  /// more.
  ///
  /// Allocates nothing for a message that comes whole. Time: linear in what is taken.
  [[nodiscard]] Result next(PartialFrame& partial, std::span<const std::byte>& bytes);

 private:
  [[nodiscard]] Result go_on(PartialFrame& partial, std::span<const std::byte>& bytes) const;
  [[nodiscard]] tl::expected<std::uint32_t, FrameFault> frame_size(std::span<const std::byte> head) const;
  [[nodiscard]] std::span<const std::byte> aligned(std::span<const std::byte> frame);

  std::size_t max_frame_;
  std::vector<std::uint64_t> scratch_;  ///< for one frame that does not lie as its fields need it
};

}  // namespace sounder::broker
