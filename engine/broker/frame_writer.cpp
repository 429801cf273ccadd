#include "engine/broker/frame_writer.h"

#include <cstdint>

#include "engine/base/check.h"

namespace sounder::broker {

// The builder doubles its memory when it is full; it never is.
FrameWriter::FrameWriter() : builder_(2 * kMaxBrokerFrame) {}

flatbuffers::FlatBufferBuilder& FrameWriter::begin() {
  builder_.Clear();
  return builder_;
}

std::span<const std::byte> FrameWriter::finish(protocol::Body type, flatbuffers::Offset<void> body, bool optional) {
  protocol::FinishSizePrefixedMessageBuffer(builder_, protocol::CreateMessage(builder_, type, body, optional));
  const auto frame = std::as_bytes(std::span(builder_.GetBufferPointer(), builder_.GetSize()));
  SOUNDER_CHECK(frame.size() <= kMaxBrokerFrame + sizeof(std::uint32_t));
  return frame;
}

}  // namespace sounder::broker
