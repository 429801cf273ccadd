#include "engine/platform/linux/stream_calls.h"

namespace sounder::platform {

ssize_t StreamCalls::send(int fd, std::span<const std::byte> bytes) {
  return ::send(fd, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
}

ssize_t StreamCalls::receive(int fd, msghdr& message) {
  return ::recvmsg(fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
}

StreamCalls& StreamCalls::system() {
  static StreamCalls calls;
  return calls;
}

}  // namespace sounder::platform
