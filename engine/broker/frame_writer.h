/// Messages into bytes, by one builder that keeps its memory. One thread.
#pragma once

#include <cstddef>
#include <span>

#include "engine/broker/broker_generated.h"
#include "engine/broker/limits.h"

namespace sounder::broker {

/// One message at a time: what is in it is made with begin()'s builder, then finish() makes it a frame.
class FrameWriter {
 public:
  FrameWriter();

  /// Empty, for the next message.
  [[nodiscard]] flatbuffers::FlatBufferBuilder& begin();
  /// Bytes of the message so far: for ending it at about kFrameGoal.
  [[nodiscard]] std::size_t size() const { return builder_.GetSize(); }

  /// The frame with its length in front; borrowed until the next begin(). It must not exceed kMaxBrokerFrame (checked).
  template <class Table>
  [[nodiscard]] std::span<const std::byte> finish(flatbuffers::Offset<Table> body, bool optional = false) {
    return finish(protocol::BodyTraits<Table>::enum_value, body.Union(), optional);
  }

 private:
  [[nodiscard]] std::span<const std::byte> finish(protocol::Body type, flatbuffers::Offset<void> body, bool optional);

  flatbuffers::FlatBufferBuilder builder_;
};

}  // namespace sounder::broker
