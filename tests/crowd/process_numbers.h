/// What the kernel says of a process, for tests and benchmarks that hold it to its memory, descriptors and time.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

#include <sys/types.h>

namespace sounder::crowd {

struct ProcessNumbers {
  /// Bytes: Anonymous of /proc/PID/smaps_rollup, which is counted, not estimated. Without pages of programs and
  /// libraries, which the system takes back and brings again as it likes.
  std::size_t resident = 0;
  std::size_t descriptors = 0;
  std::chrono::nanoseconds cpu{};  ///< of all threads that live
};

/// Throws std::runtime_error if the process has gone.
[[nodiscard]] ProcessNumbers numbers_of(pid_t process);
/// The last of them alone, in microseconds of work: for a bracket around something short.
[[nodiscard]] std::chrono::nanoseconds cpu_of(pid_t process);
/// IPv4 packets that have arrived in the calling thread's network namespace.
[[nodiscard]] std::uint64_t packets_received();

}  // namespace sounder::crowd
