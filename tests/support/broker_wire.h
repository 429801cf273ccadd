/// The broker's protocol as a client speaks it, bare: frames made of a message, and messages out of bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <stdexcept>
#include <utility>
#include <vector>

#include "engine/broker/broker_generated.h"

namespace sounder::testing {

/// One message with its length in front, owned and checked.
class Frame {
 public:
  /// Throws std::runtime_error if it is no message.
  explicit Frame(std::vector<std::byte> bytes) : bytes_(std::move(bytes)) {
    flatbuffers::Verifier verifier(data(), bytes_.size());
    if (!protocol::VerifySizePrefixedMessageBuffer(verifier)) throw std::runtime_error("not a message");
  }

  [[nodiscard]] std::span<const std::byte> bytes() const { return bytes_; }
  [[nodiscard]] protocol::Body type() const { return message().body_type(); }
  /// Null if it is of another type.
  template <class Table>
  [[nodiscard]] const Table* as() const {
    return message().body_as<Table>();
  }

 private:
  [[nodiscard]] const std::uint8_t* data() const { return reinterpret_cast<const std::uint8_t*>(bytes_.data()); }
  [[nodiscard]] const protocol::Message& message() const { return *protocol::GetSizePrefixedMessage(data()); }

  std::vector<std::byte> bytes_;
};

/// A frame of the table that `make` makes with the builder.
template <class Make>
[[nodiscard]] Frame frame_of(protocol::Body type, Make make) {
  flatbuffers::FlatBufferBuilder builder;
  const flatbuffers::Offset<void> body = make(builder).Union();
  protocol::FinishSizePrefixedMessageBuffer(builder, protocol::CreateMessage(builder, type, body));
  const auto* const first = reinterpret_cast<const std::byte*>(builder.GetBufferPointer());
  return Frame(std::vector<std::byte>(first, first + builder.GetSize()));
}

[[nodiscard]] inline Frame hello(const char* program = "test") {
  return frame_of(protocol::Body::Hello,
                  [&](auto& builder) { return protocol::CreateHello(builder, 1, 1, builder.CreateString(program)); });
}

/// An IPv4 address from its number, 0x7f000001.
[[nodiscard]] inline protocol::Address wire_v4(std::uint32_t address) { return {0, address, 0, protocol::Family::V4}; }

/// One request of 56 bytes.
[[nodiscard]] inline Frame echo(std::uint64_t token, std::uint32_t to, std::uint32_t timeout_us = 2'000'000) {
  const protocol::EchoSpec request(token, wire_v4(to), {}, timeout_us, 0, 56, 64, 0, protocol::EchoFlags());
  return frame_of(protocol::Body::Echo, [&](auto& builder) {
    return protocol::CreateEcho(builder, builder.CreateVectorOfStructs(&request, 1));
  });
}

/// `count` watches on every kind of object.
[[nodiscard]] inline Frame watches(std::uint32_t correlation, std::size_t count, protocol::WatchMode mode) {
  const auto all = static_cast<protocol::ObjectKinds>(7);
  const std::vector<protocol::WatchSpec> specs(count, protocol::WatchSpec(all, mode));
  return frame_of(protocol::Body::Register, [&](auto& builder) {
    return protocol::CreateRegister(builder, correlation, builder.CreateVectorOfStructs(specs));
  });
}

/// The outcomes of all targets.
[[nodiscard]] inline Frame outcomes_of_all(std::uint32_t correlation) {
  return frame_of(protocol::Body::Register, [&](auto& builder) {
    const auto all = protocol::CreateOutcomesSpec(builder);
    return protocol::CreateRegister(builder, correlation, 0, 0, builder.CreateVector(&all, 1));
  });
}

/// Bytes of a stream, cut into frames.
class FrameCutter {
 public:
  void feed(std::span<const std::byte> bytes) { bytes_.insert(bytes_.end(), bytes.begin(), bytes.end()); }

  [[nodiscard]] std::optional<Frame> next() {
    std::uint32_t length = 0;
    if (bytes_.size() < sizeof(length)) return std::nullopt;
    std::memcpy(&length, bytes_.data(), sizeof(length));
    const std::size_t size = flatbuffers::EndianScalar(length) + sizeof(length);
    if (bytes_.size() < size) return std::nullopt;
    Frame frame(std::vector<std::byte>(bytes_.begin(), bytes_.begin() + static_cast<std::ptrdiff_t>(size)));
    bytes_.erase(bytes_.begin(), bytes_.begin() + static_cast<std::ptrdiff_t>(size));
    return frame;
  }

 private:
  std::vector<std::byte> bytes_;
};

}  // namespace sounder::testing
