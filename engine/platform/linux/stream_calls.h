/// The system calls that move a Unix stream's bytes, in one place: tests have them fail.
#pragma once

#include <sys/socket.h>

#include <cstddef>
#include <span>

namespace sounder::platform {

/// As the calls themselves: -1 with errno. Any thread.
class StreamCalls {
 public:
  StreamCalls() = default;
  StreamCalls(const StreamCalls&) = delete;
  StreamCalls& operator=(const StreamCalls&) = delete;
  virtual ~StreamCalls() = default;

  /// send(2), without waiting and without SIGPIPE.
  [[nodiscard]] virtual ssize_t send(int fd, std::span<const std::byte> bytes);
  /// recvmsg(2), without waiting; descriptors that it brings are close-on-exec.
  [[nodiscard]] virtual ssize_t receive(int fd, msghdr& message);

  /// The system's own; there for as long as the process.
  [[nodiscard]] static StreamCalls& system();
};

}  // namespace sounder::platform
