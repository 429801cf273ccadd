/// Descriptors that a child of fork() must not share with its parent.
///
/// A child has copies of all descriptors. What it reads from a shared socket its parent never sees, what it writes goes
/// into the middle of the parent's messages, and as long as it holds the socket the other end sees no end of the
/// parent's. So in each child a guarded descriptor becomes one end of a dead connection before fork() returns: reading
/// finds its end, writing fails. Its number stays in use, so that whoever closes it closes nothing else.
#pragma once

#include <cstdint>

namespace sounder::platform {

/// Guards a descriptor until destroyed, which comes before its close(). Thread: any.
class ForkGuard {
 public:
  explicit ForkGuard(int fd);
  ~ForkGuard();
  ForkGuard(const ForkGuard&) = delete;
  ForkGuard& operator=(const ForkGuard&) = delete;

 private:
  int fd_;
};

}  // namespace sounder::platform
