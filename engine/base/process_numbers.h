/// What the standard `process_*` metrics need of the operating system; read behind io::ProcessStats.
#pragma once

#include <cstdint>

namespace sounder::base {

struct ProcessNumbers {
  double cpu_seconds = 0;  ///< user and system
  std::uint64_t open_fds = 0;
  std::uint64_t max_fds = 0;
  std::uint64_t virtual_bytes = 0;
  std::uint64_t resident_bytes = 0;
  double start_time_seconds = 0;  ///< since 1970
};

}  // namespace sounder::base
