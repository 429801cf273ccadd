/// A forked process that does one thing at a time, as it is told: what tests of local streams kill and stop.
#pragma once

#include <sys/types.h>

#include <functional>
#include <vector>

namespace sounder::testing {

/// The child has no descriptor of ours but those to `keep` and what `body` opens. Killed by the destructor, if it still
/// runs.
class ForkedProcess {
 public:
  /// `body(command)` runs in the child for every command of the parent; its answer is what tell() returns. The first
  /// command, '\0', is given by the constructor.
  using Body = std::function<char(char command)>;
  explicit ForkedProcess(const Body& body, std::vector<int> keep = {});
  ~ForkedProcess();
  ForkedProcess(const ForkedProcess&) = delete;
  ForkedProcess& operator=(const ForkedProcess&) = delete;

  [[nodiscard]] pid_t pid() const { return pid_; }
  /// What the child answered; '\0' if it has ended.
  char tell(char command) const;
  void signal(int number) const;
  /// In the child or a child of its own: returns when the parent says something, or is gone.
  static void wait_for_command();
  /// Sends SIGKILL and waits until the process has ended and is forgotten.
  void kill();

 private:
  pid_t pid_ = -1;
  int control_ = -1;
};

}  // namespace sounder::testing
