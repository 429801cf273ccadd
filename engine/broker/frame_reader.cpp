#include "engine/broker/frame_reader.h"

#include <algorithm>
#include <cstring>

#include "engine/base/check.h"
#include "engine/broker/limits.h"

namespace sounder::broker {
namespace {

using Message = protocol::Message;

constexpr std::size_t kHead = sizeof(std::uint32_t);
/// The deepest message is Message, a body, a vector of tables, in each a table.
constexpr std::uint32_t kMaxDepth = 8;
/// A table may be named by many offsets, so that a short message would be long to look at.
constexpr std::uint32_t kMaxTables = 2 * kMaxRegistrationsPerMessage;
constexpr std::size_t kAlignment = alignof(std::uint64_t);

std::size_t words_for(std::size_t bytes) { return (bytes + sizeof(std::uint64_t) - 1) / sizeof(std::uint64_t); }

bool is_aligned(const void* place) { return reinterpret_cast<std::uintptr_t>(place) % kAlignment == 0; }

/// The verifier asks of vectors that their length lies well, not that their elements do. Of an empty one nothing is
/// read, and builders don't align it.
template <class Vector>
bool lies_well(const Vector* vector) {
  return vector == nullptr || vector->size() == 0 || is_aligned(vector->Data());
}

bool elements_lie_well(const Message& message) {
  if (const auto* body = message.body_as_Register()) return lies_well(body->monitors());
  if (const auto* body = message.body_as_Unregister()) return lies_well(body->ids());
  if (const auto* body = message.body_as_Echo()) return lies_well(body->requests());
  if (const auto* body = message.body_as_Registered()) return lies_well(body->ids());
  if (const auto* body = message.body_as_Unregistered()) return lies_well(body->ids());
  if (const auto* body = message.body_as_EchoResults()) return lies_well(body->results());
  if (const auto* body = message.body_as_MonitorResults()) return lies_well(body->results());
  return true;
}

bool has_body(const Message& message) {
  const auto type = message.body_type();
  return type != protocol::Body::NONE && (type > protocol::Body::MAX || message.body() != nullptr);
}

/// `frame` with its length, aligned.
tl::expected<const Message*, FrameFault> parse(std::span<const std::byte> frame) {
  const auto malformed = tl::unexpected(FrameFault{FrameFault::Kind::kMalformed, {}});
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(frame.data());
  flatbuffers::Verifier::Options options;
  options.max_depth = kMaxDepth;
  options.max_tables = kMaxTables;
  flatbuffers::Verifier verifier(bytes, frame.size(), options);
  if (!protocol::VerifySizePrefixedMessageBuffer(verifier)) return malformed;
  const Message* message = protocol::GetSizePrefixedMessage(bytes);
  if (!has_body(*message) || !elements_lie_well(*message)) return malformed;
  return message;
}

std::span<const std::byte> take(std::span<const std::byte>& bytes, std::size_t count) {
  const auto front = bytes.first(count);
  bytes = bytes.subspan(count);
  return front;
}

}  // namespace

const char* to_string(FrameFault::Kind kind) {
  if (kind == FrameFault::Kind::kTooLong) return "a message is longer than max_frame";
  return kind == FrameFault::Kind::kNoRoom ? "no room for an unfinished message" : "not a message of this protocol";
}

void PartialFrame::clear() {
  std::pmr::vector<std::uint64_t>(words_.get_allocator()).swap(words_);
  charge_ = {};
  have_ = 0;
  want_ = 0;
  whole_ = false;
}

FrameReader::FrameReader(std::size_t max_frame) : max_frame_(max_frame), scratch_(words_for(kHead + max_frame)) {}

tl::expected<std::uint32_t, FrameFault> FrameReader::frame_size(std::span<const std::byte> head) const {
  const auto length = flatbuffers::ReadScalar<std::uint32_t>(head.data());
  if (length > max_frame_) return tl::unexpected(FrameFault{FrameFault::Kind::kTooLong, {}});
  return static_cast<std::uint32_t>(kHead + length);
}

std::span<const std::byte> FrameReader::aligned(std::span<const std::byte> frame) {
  if (is_aligned(frame.data())) return frame;
  std::memcpy(scratch_.data(), frame.data(), frame.size());
  return std::as_bytes(std::span(scratch_)).first(frame.size());
}

FrameReader::Result FrameReader::next(PartialFrame& partial, std::span<const std::byte>& bytes) {
  if (partial.whole_) partial.clear();
  if (partial.have_ == 0 && bytes.size() >= kHead) {
    alignas(std::uint32_t) std::array<std::byte, kHead> head{};
    std::copy_n(bytes.begin(), kHead, head.begin());
    const auto size = frame_size(head);
    if (!size) return tl::unexpected(size.error());
    if (bytes.size() >= *size) return parse(aligned(take(bytes, *size)));
  }
  return go_on(partial, bytes);
}

FrameReader::Result FrameReader::go_on(PartialFrame& partial, std::span<const std::byte>& bytes) const {
  while (partial.have_ < kHead && !bytes.empty()) partial.head_[partial.have_++] = take(bytes, 1)[0];
  if (partial.have_ < kHead) return nullptr;
  if (partial.want_ == 0) {
    alignas(std::uint32_t) const std::array<std::byte, kHead> head = partial.head_;
    const auto size = frame_size(head);
    if (!size) return tl::unexpected(size.error());
    const std::size_t words = words_for(*size);
    auto charge = partial.account_.charge(Price::of_bytes(static_cast<std::uint32_t>(words * sizeof(std::uint64_t))));
    if (!charge) return tl::unexpected(FrameFault{FrameFault::Kind::kNoRoom, charge.error()});
    partial.charge_ = std::move(*charge);
    partial.words_.resize(words);
    std::memcpy(partial.words_.data(), head.data(), kHead);
    partial.want_ = *size;
  }
  const auto frame = std::as_writable_bytes(std::span(partial.words_)).first(partial.want_);
  const auto part = take(bytes, std::min<std::size_t>(bytes.size(), partial.want_ - partial.have_));
  std::copy(part.begin(), part.end(), frame.begin() + partial.have_);
  partial.have_ += static_cast<std::uint32_t>(part.size());
  if (partial.have_ < partial.want_) return nullptr;
  partial.whole_ = true;
  return parse(frame);
}

}  // namespace sounder::broker
