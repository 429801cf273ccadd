/// A program under test as a child process: what it prints is collected, and waiting for it is always bounded.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <sys/types.h>

namespace sounder::testing {

/// Started by the constructor in the network namespace of the calling thread; killed by the destructor if it still
/// runs.
class ChildProcess {
 public:
  /// `argv[0]` is looked up in PATH. `environment` is added to ours. Throws std::system_error.
  explicit ChildProcess(std::vector<std::string> argv, const std::vector<std::string>& environment = {});
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  [[nodiscard]] pid_t pid() const { return pid_; }
  void signal(int number) const;

  /// Waits until `condition` holds of everything printed so far (both streams, as it came); false if it did not within
  /// `limit`, or the streams were closed before it did.
  bool wait_for_output(const std::function<bool(const std::string&)>& condition, std::chrono::milliseconds limit);
  [[nodiscard]] std::string output() const;

  /// The exit code, or 128 + the signal that ended it; empty if it still runs after `limit`.
  std::optional<int> wait_exit(std::chrono::milliseconds limit);
  /// Waits for its end, but no longer than `pause`; true while it runs. What a loop that polls its state waits with.
  bool runs_for(std::chrono::milliseconds pause) { return !wait_exit(pause); }

 private:
  void collect();
  void reap();

  pid_t pid_ = -1;
  int process_ = -1;  ///< pidfd
  int output_ = -1;
  std::optional<int> exit_code_;
  mutable std::mutex mutex_;
  std::condition_variable grew_;
  std::string text_;     ///< under mutex_
  bool closed_ = false;  ///< under mutex_
  std::thread collector_;
};

}  // namespace sounder::testing
