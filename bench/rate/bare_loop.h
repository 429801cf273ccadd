/// The baseline of `scripts/bench rate`: the cheapest loop that sends echo requests and reads replies with the same
/// system calls, filter and stamps as the daemon, and keeps no record of anything.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace sounder::bench {

struct BareLoopResult {
  std::uint64_t replies = 0;
  std::uint64_t stamps = 0;
  std::chrono::nanoseconds elapsed{};
  std::chrono::nanoseconds cpu{};  ///< of the calling thread

  [[nodiscard]] double rate() const {
    return static_cast<double>(replies) / std::chrono::duration<double>(elapsed).count();
  }
};

/// Sends `total` IPv4 echo requests to `hosts` addresses from `first` on, in batches, never more than 20,000
/// unanswered. Runs in the calling thread's network namespace. Throws std::system_error.
BareLoopResult run_bare_loop(const std::string& first, std::uint32_t hosts, std::uint64_t total,
                             std::uint16_t data_size);

}  // namespace sounder::bench
