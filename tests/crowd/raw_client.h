/// A client of the broker as cheap as one can be: one blocking socket, the protocol's bytes, no thread and no loop. So
/// that a thousand of them are a crowd and not a load of their own.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "engine/broker/broker_generated.h"

namespace sounder::crowd {

/// The daemon closed the stream.
class Ended : public std::runtime_error {
 public:
  Ended() : std::runtime_error("the daemon ended the session") {}
};

/// One session. One thread.
class RawClient {
 public:
  /// Ten times and more what a busy machine needs; it only finds hangs.
  static constexpr std::chrono::milliseconds kHang{60'000};

  /// Connects. Throws std::system_error.
  explicit RawClient(const std::filesystem::path& socket);
  ~RawClient();
  RawClient(RawClient&& other) noexcept;
  RawClient& operator=(RawClient&&) = delete;
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  [[nodiscard]] int fd() const { return fd_; }
  [[nodiscard]] std::uint64_t bytes_read() const { return bytes_read_; }

  /// Hands all of it to the socket, and waits as long as that takes. Throws Ended.
  void send(std::span<const std::byte> bytes);
  /// Hands over what the socket takes without waiting; gives how much that was. Throws Ended.
  std::size_t send_some(std::span<const std::byte> bytes);
  /// The next message, valid until the next call; null if none came within `limit`. Throws Ended, and
  /// std::runtime_error at bytes that are no message.
  const protocol::Message* next(std::chrono::milliseconds limit);
  /// The next message with this body; others are passed over, but a refusal or a closing is thrown as a
  /// std::runtime_error that says what it says. Throws too if it does not come within kHang.
  template <class Body>
  const Body& expect() {
    return *static_cast<const Body*>(expect_body(protocol::BodyTraits<Body>::enum_value));
  }
  /// Says Hello and waits for the welcome.
  const protocol::Welcome& greet(const std::string& program);

 private:
  const void* expect_body(protocol::Body type);
  bool frame_complete() const;
  bool read_more(std::chrono::milliseconds limit);
  const protocol::Message* take_frame();

  int fd_;
  std::vector<std::byte> input_;  ///< room; what is used lies between begin_ and end_
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::vector<std::byte> frame_;
  std::uint64_t bytes_read_ = 0;
};

}  // namespace sounder::crowd
