/// A daemon of one page on a real socket: welcomes, registers, and answers echo requests, as a test says.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/broker_messages.h"

namespace sounder::testing {

/// Serves one client after the other on a thread of its own. Every wait is bounded by kHang.
class ScriptedBroker {
 public:
  static constexpr std::chrono::seconds kHang{60};

  /// Listens at `path`. Throws std::system_error.
  explicit ScriptedBroker(std::string path);
  ~ScriptedBroker();
  ScriptedBroker(const ScriptedBroker&) = delete;
  ScriptedBroker& operator=(const ScriptedBroker&) = delete;

  [[nodiscard]] const std::string& path() const { return path_; }
  /// Whether echo requests are answered. From any thread.
  void answer_echoes(bool answer) { answer_ = answer; }
  /// To the client that is connected.
  void send(const Bytes& bytes);
  /// Ends the connection there is.
  void hang_up();
  /// Until so many clients have come and gone; false if they did not within kHang.
  bool wait_for_ends(std::size_t count);
  /// Until a client has said something that `line` begins with; false if it did not.
  bool wait_for_line(const std::string& line);

 private:
  void serve();
  void serve_client(int fd);
  void answer(const protocol::Message& message);

  const std::string path_;
  int listener_ = -1;
  int stop_[2] = {-1, -1};  ///< a pipe, closed at the end
  std::atomic<bool> answer_{true};
  std::mutex mutex_;
  std::condition_variable changed_;
  int client_ = -1;                ///< under mutex_
  std::size_t ends_ = 0;           ///< under mutex_
  std::vector<std::string> said_;  ///< under mutex_
  std::uint32_t echoes_ = 0;
  std::uint64_t ids_ = 100;
  std::thread thread_;
};

}  // namespace sounder::testing
