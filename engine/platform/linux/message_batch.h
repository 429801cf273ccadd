/// Memory for the messages of one recvmmsg, taken once.
#pragma once

#include <sys/socket.h>

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "engine/platform/linux/control_message.h"
#include "engine/platform/linux/socket_address.h"

namespace sounder::platform {

/// A number of messages, filled front to back by one or more calls until clear().
class MessageBatch {
 public:
  /// Each message has `room` bytes at hand. With `large`, packets up to the largest that IP knows fit too: the memory
  /// for that is reserved, but untouched until such a packet comes.
  MessageBatch(std::size_t capacity, std::size_t room, bool large);

  void clear() { used_ = 0; }
  [[nodiscard]] std::size_t free() const { return messages_.size() - used_; }

  struct Taken {
    std::size_t first = 0;
    std::size_t count = 0;
    int error = 0;  ///< errno where the call took nothing; EAGAIN: the queue is empty
  };
  /// One recvmmsg of at most `most` messages, without waiting. `flags` as recvmsg takes them.
  Taken take(int fd, std::size_t most, int flags);

  [[nodiscard]] const msghdr& header(std::size_t index) const { return messages_[index].msg_hdr; }
  [[nodiscard]] const sockaddr& sender(std::size_t index) const { return names_[index].any; }
  [[nodiscard]] bool truncated(std::size_t index) const { return (header(index).msg_flags & MSG_TRUNC) != 0; }
  /// The message's bytes in one piece; valid until clear().
  [[nodiscard]] std::span<const std::byte> bytes(std::size_t index);
  /// Bytes of a message that is known to be small.
  [[nodiscard]] std::size_t size(std::size_t index) const { return messages_[index].msg_len; }

 private:
  struct alignas(cmsghdr) Control {
    std::array<std::byte, kControlRoom> bytes;
  };

  /// An IP packet's most bytes, rounded up. The first room_ of them stay free for joining the two parts.
  static constexpr std::size_t kLargeStride = 65'536;

  void prepare(std::size_t index);

  std::size_t room_;
  std::size_t used_ = 0;
  std::vector<mmsghdr> messages_;
  std::vector<std::array<iovec, 2>> parts_;
  std::vector<SocketAddress> names_;
  std::vector<Control> controls_;
  std::vector<std::byte> small_;
  std::unique_ptr<std::byte[]> large_;
};

}  // namespace sounder::platform
