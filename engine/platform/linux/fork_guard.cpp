#include "engine/platform/linux/fork_guard.h"

#include <fcntl.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <mutex>
#include <vector>

#include "engine/base/check.h"
#include "engine/platform/local_stream.h"

namespace sounder::platform {
namespace {

/// The handlers of fork() take no argument, so there is one of these for the process; it is never destroyed, since
/// threads may outlive static objects.
struct Guarded {
  std::mutex mutex;
  std::vector<int> fds;
  std::atomic<std::uint64_t> generation{0};

  static Guarded& instance() {
    static auto* const kInstance = new Guarded;
    return *kInstance;
  }

  Guarded() {
    // Nobody changes the list while the process is copied.
    SOUNDER_CHECK(pthread_atfork([] { instance().mutex.lock(); }, [] { instance().mutex.unlock(); }, after_in_child) ==
                  0);
  }

  /// Only calls that a signal handler may make: other threads may have held any lock.
  static void after_in_child() {
    Guarded& self = instance();
    self.generation.fetch_add(1);
    std::array<int, 2> dead{-1, -1};
    if (!self.fds.empty() && ::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, dead.data()) == 0) {
      ::close(dead[1]);
    }
    for (const int fd : self.fds) {
      // Without descriptors to spare, at least the parent's connection is not held open.
      if (dead[0] < 0 || ::dup3(dead[0], fd, O_CLOEXEC) < 0) ::close(fd);
    }
    if (dead[0] >= 0) ::close(dead[0]);
    self.fds.clear();
    self.mutex.unlock();
  }
};

}  // namespace

ForkGuard::ForkGuard(int fd) : fd_(fd) {
  Guarded& guarded = Guarded::instance();
  const std::lock_guard lock(guarded.mutex);
  guarded.fds.push_back(fd);
}

ForkGuard::~ForkGuard() {
  Guarded& guarded = Guarded::instance();
  const std::lock_guard lock(guarded.mutex);
  // In a child the list begins anew.
  const auto found = std::find(guarded.fds.begin(), guarded.fds.end(), fd_);
  if (found != guarded.fds.end()) guarded.fds.erase(found);
}

std::uint64_t fork_generation() { return Guarded::instance().generation.load(); }

}  // namespace sounder::platform
