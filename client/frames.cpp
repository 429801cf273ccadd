#include "client/frames.h"

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace sounder::client {
namespace {

constexpr std::size_t kLength = sizeof(flatbuffers::uoffset_t);

template <class Vector>
bool lies_well(const Vector* vector) {
  constexpr std::uintptr_t kAlignment = alignof(std::uint64_t);
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): only the number of the address is looked at.
  const auto place = [](const void* data) { return reinterpret_cast<std::uintptr_t>(data); };
  return vector == nullptr || vector->size() == 0 || place(vector->Data()) % kAlignment == 0;
}

/// The verifier asks of vectors that their length lies well, not that their elements do: those of eight bytes that Core
/// reads.
bool elements_lie_well(const protocol::Message& message) {
  if (const auto* registered = message.body_as_Registered()) return lies_well(registered->ids());
  if (const auto* echo = message.body_as_EchoResults()) return lies_well(echo->results());
  if (const auto* monitor = message.body_as_MonitorResults()) return lies_well(monitor->results());
  return true;
}

/// Bytes that a frame has with its length, which the first bytes of `frame` tell.
std::size_t frame_size(const std::vector<std::byte>& frame) {
  return kLength + flatbuffers::ReadScalar<flatbuffers::uoffset_t>(frame.data());
}

}  // namespace

bool FrameReader::read(std::span<const std::byte> bytes, const std::function<void(const protocol::Message&)>& handle) {
  while (!bytes.empty()) {
    const bool knows_length = pending_.size() >= kLength;
    const std::size_t wanted = knows_length ? frame_size(pending_) : kLength;
    const std::size_t taken = std::min(wanted - pending_.size(), bytes.size());
    pending_.insert(pending_.end(), bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(taken));
    bytes = bytes.subspan(taken);
    if (pending_.size() < kLength) return true;
    const std::size_t size = frame_size(pending_);
    if (size > kLength + kMaxFrame || size == kLength) return false;
    if (pending_.size() < size) continue;
    const auto* data = static_cast<const std::uint8_t*>(static_cast<const void*>(pending_.data()));
    flatbuffers::Verifier verifier(data, size);
    if (!protocol::VerifySizePrefixedMessageBuffer(verifier)) return false;
    const protocol::Message& message = *protocol::GetSizePrefixedMessage(data);
    // A body whose type is known may be missing all the same.
    if (message.body_type() != protocol::Body::NONE && message.body() == nullptr) return false;
    if (!elements_lie_well(message)) return false;
    handle(message);
    pending_.clear();
  }
  return true;
}

void FrameWriter::write(protocol::Body type,
                        const std::function<flatbuffers::Offset<void>(flatbuffers::FlatBufferBuilder&)>& build) {
  builder_.Clear();
  const auto body = build(builder_);
  protocol::FinishSizePrefixedMessageBuffer(builder_, protocol::CreateMessage(builder_, type, body));
  const auto* first = static_cast<const std::byte*>(static_cast<const void*>(builder_.GetBufferPointer()));
  bytes_.insert(bytes_.end(), first, first + builder_.GetSize());
}

std::span<const std::byte> FrameWriter::bytes() const { return std::span(bytes_).subspan(written_); }

void FrameWriter::consume(std::size_t count) {
  written_ += count;
  if (written_ < bytes_.size()) return;
  bytes_.clear();
  written_ = 0;
}

void FrameWriter::reset() {
  bytes_.clear();
  written_ = 0;
}

}  // namespace sounder::client
