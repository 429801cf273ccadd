/// A small hostile host: it owns a TUN device in the calling thread's network namespace and answers the echo requests
/// that are routed into it, as late and as wrongly as it is told.
#pragma once

#include <poll.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <thread>
#include <vector>

namespace sounder::lab {

/// How every request is answered.
struct ResponderPlan {
  std::chrono::nanoseconds hold{0};  ///< time between request and reply
  bool wrong_payload = false;        ///< right address, identifier and sequence, other data (with a right checksum)
};

/// IPv4 and IPv6. Its thread runs from construction to destruction; the counters may be read at any time.
class TunResponder {
 public:
  /// Creates the device `name`, sets it up with a queue of `queue_packets`. Throws std::system_error.
  TunResponder(const std::string& name, ResponderPlan plan, unsigned queue_packets = 100'000);
  ~TunResponder();
  TunResponder(const TunResponder&) = delete;
  TunResponder& operator=(const TunResponder&) = delete;

  [[nodiscard]] std::uint64_t requests() const { return requests_; }
  [[nodiscard]] std::uint64_t replies() const { return replies_; }
  /// The most requests that were held at once: a lower bound of what was in flight.
  [[nodiscard]] std::uint64_t most_held() const { return most_held_; }

 private:
  struct Held {
    std::chrono::steady_clock::time_point due;
    std::vector<std::byte> packet;
  };

  void run();
  void take_request();
  void send_due(std::chrono::steady_clock::time_point now);
  void wait(std::span<pollfd> what, std::chrono::steady_clock::time_point now) const;

  ResponderPlan plan_;
  int tun_ = -1;
  int stop_event_ = -1;
  std::deque<Held> held_;
  std::atomic<std::uint64_t> requests_{0};
  std::atomic<std::uint64_t> replies_{0};
  std::atomic<std::uint64_t> most_held_{0};
  std::thread thread_;
};

}  // namespace sounder::lab
