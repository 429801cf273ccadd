/// The stream as messages: a length, then a FlatBuffer with the schema's root (engine/broker/broker.fbs). Pure.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "engine/broker/broker_generated.h"

namespace sounder::client {

/// What the daemon sends at most in one message, without its length; a longer one is no protocol of ours.
inline constexpr std::size_t kMaxFrame = std::size_t{64} << 10U;

/// Cuts what arrives into messages. Holds at most one unfinished one.
class FrameReader {
 public:
  /// Hands every message that is whole to `handle`, borrowed during the call. False if what arrived is no message:
  /// then the stream is of no use any more.
  [[nodiscard]] bool read(std::span<const std::byte> bytes,
                          const std::function<void(const protocol::Message&)>& handle);
  void reset() { pending_.clear(); }

 private:
  std::vector<std::byte> pending_;  ///< from the beginning of a message; aligned as its fields need it
};

/// Puts messages one after the other, until somebody has written them.
class FrameWriter {
 public:
  /// `build` makes the body in the builder.
  void write(protocol::Body type,
             const std::function<flatbuffers::Offset<void>(flatbuffers::FlatBufferBuilder&)>& build);

  [[nodiscard]] std::span<const std::byte> bytes() const;
  void consume(std::size_t count);
  void reset();

 private:
  flatbuffers::FlatBufferBuilder builder_;
  std::vector<std::byte> bytes_;
  std::size_t written_ = 0;  ///< at the front of bytes_
};

}  // namespace sounder::client
