#include "engine/platform/linux/message_batch.h"

#include <cerrno>
#include <cstring>

namespace sounder::platform {

MessageBatch::MessageBatch(std::size_t capacity, std::size_t room, bool large)
    : room_(room),
      messages_(capacity),
      parts_(capacity),
      names_(capacity),
      controls_(capacity),
      small_(capacity * room),
      // Not initialised: pages that nobody touches cost nothing.
      large_(large ? std::make_unique_for_overwrite<std::byte[]>(capacity * kLargeStride) : nullptr) {
  for (std::size_t i = 0; i < capacity; ++i) {
    parts_[i][0] = {small_.data() + i * room, room};
    if (large) parts_[i][1] = {large_.get() + i * kLargeStride + room, kLargeStride - room};
    msghdr& header = messages_[i].msg_hdr;
    header.msg_iov = parts_[i].data();
    header.msg_iovlen = large ? 2 : 1;
    header.msg_name = &names_[i];
    header.msg_control = controls_[i].bytes.data();
  }
}

void MessageBatch::prepare(std::size_t index) {
  msghdr& header = messages_[index].msg_hdr;
  names_[index].any.sa_family = AF_UNSPEC;
  header.msg_namelen = sizeof(SocketAddress);
  header.msg_controllen = kControlRoom;
}

MessageBatch::Taken MessageBatch::take(int fd, std::size_t most, int flags) {
  const std::size_t first = used_;
  const std::size_t count = std::min(most, free());
  for (std::size_t i = first; i < first + count; ++i) prepare(i);
  const int taken = recvmmsg(fd, messages_.data() + first, static_cast<unsigned>(count), flags | MSG_DONTWAIT, nullptr);
  if (taken < 0) return {first, 0, errno};
  used_ += static_cast<std::size_t>(taken);
  return {first, static_cast<std::size_t>(taken), 0};
}

std::span<const std::byte> MessageBatch::bytes(std::size_t index) {
  const std::size_t size = messages_[index].msg_len;
  const auto* small = small_.data() + index * room_;
  if (size <= room_) return {small, size};
  std::byte* whole = large_.get() + index * kLargeStride;
  std::memcpy(whole, small, room_);
  return {whole, size};
}

}  // namespace sounder::platform
