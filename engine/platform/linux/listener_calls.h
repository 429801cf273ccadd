/// The system calls of the listener and of process watches, in one place: tests have them fail.
#pragma once

#include <sys/socket.h>
#include <sys/types.h>

#include <chrono>
#include <optional>
#include <vector>

#include "engine/platform/linux/file_descriptor.h"

namespace sounder::platform {

/// What /proc/PID tells.
struct ProcessFacts {
  std::chrono::nanoseconds start{};  ///< since boot
  uid_t user = 0;                    ///< effective
};

/// Results are errno's numbers, 0 for none. Thread: the service thread.
class ListenerCalls {
 public:
  ListenerCalls() = default;
  ListenerCalls(const ListenerCalls&) = delete;
  ListenerCalls& operator=(const ListenerCalls&) = delete;
  virtual ~ListenerCalls() = default;

  /// accept4(2): does not block, closed on exec.
  [[nodiscard]] virtual int accept(int listener, FileDescriptor& accepted);
  /// SO_PEERCRED and SO_PEERGROUPS (Linux 4.13), as of the peer's connect().
  [[nodiscard]] virtual int credentials(int fd, ucred& peer);
  [[nodiscard]] virtual int groups(int fd, std::vector<gid_t>& groups);
  /// SO_PEERPIDFD (Linux 6.5), of the very process that connected.
  [[nodiscard]] virtual int peer_process(int fd, FileDescriptor& process);
  /// pidfd_open(2) (Linux 5.3), of whoever has the number now.
  [[nodiscard]] virtual int open_process(pid_t number, FileDescriptor& process);
  /// Nothing if there is no such process.
  [[nodiscard]] virtual std::optional<ProcessFacts> process_facts(pid_t number);

  [[nodiscard]] static ListenerCalls& system();
};

}  // namespace sounder::platform
