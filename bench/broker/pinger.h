/// Somebody who has nothing to do with it, and what they notice: the longest wait of another client while a broker is
/// busy with something.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>

#include "tests/crowd/crowd.h"

namespace sounder::bench {

/// One request and its answer, on a connection that was made before.
using Exchange = std::function<void()>;

/// With the daemon, a Ping and its Pong.
[[nodiscard]] Exchange ping_daemon(const std::filesystem::path& socket);

/// A process of its own that makes an Exchange and repeats it without a pause, from the constructor on.
class Pinger {
 public:
  explicit Pinger(const std::function<Exchange()>& connect);

  struct Waits {
    std::chrono::nanoseconds median{};
    std::chrono::nanoseconds longest{};
  };
  /// Ends it.
  Waits finish();

 private:
  crowd::Crowd crowd_;
};

/// The same for `time` with nothing else going on: what the machine itself adds.
[[nodiscard]] Pinger::Waits idle_waits(const std::function<Exchange()>& connect, std::chrono::milliseconds time);

/// Lets time pass in which nothing is asked of anybody.
void let_pass(std::chrono::milliseconds time);

}  // namespace sounder::bench
