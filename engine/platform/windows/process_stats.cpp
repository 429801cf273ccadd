#include <chrono>
#include <memory>

#include "engine/platform/platform.h"
#include "engine/platform/windows/system_headers.h"
// After windows.h, whose types it uses without including it.
#include <psapi.h>

namespace sounder::platform {

namespace {

/// A FILETIME counts 100 ns: as a duration, or as a time since 1601 (see FILETIME of the Win32 API).
using FileTicks = std::chrono::duration<std::uint64_t, std::ratio<1, 10'000'000>>;
constexpr std::chrono::seconds kFrom1601To1970{11'644'473'600};

FileTicks ticks_of(const FILETIME& time) {
  return FileTicks(std::uint64_t{time.dwHighDateTime} << 32U | time.dwLowDateTime);
}

double to_seconds(FileTicks ticks) { return std::chrono::duration<double>(ticks).count(); }

/// Windows has no limit for one process alone; this is the most that its handle table can hold, which the Prometheus
/// clients of other languages report too.
constexpr std::uint64_t kMostHandles = std::uint64_t{16} << 20U;

class WindowsProcessStats final : public io::ProcessStats {
 public:
  base::ProcessNumbers read() override;
};

base::ProcessNumbers WindowsProcessStats::read() {
  base::ProcessNumbers numbers;
  const HANDLE self = GetCurrentProcess();
  FILETIME created{};
  FILETIME exited{};
  FILETIME kernel{};
  FILETIME user{};
  if (GetProcessTimes(self, &created, &exited, &kernel, &user) != 0) {
    numbers.cpu_seconds = to_seconds(ticks_of(kernel) + ticks_of(user));
    numbers.start_time_seconds = to_seconds(ticks_of(created) - kFrom1601To1970);
  }
  PROCESS_MEMORY_COUNTERS_EX memory{};
  memory.cb = sizeof(memory);
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): the longer structure is asked for through the shorter.
  if (K32GetProcessMemoryInfo(self, reinterpret_cast<PROCESS_MEMORY_COUNTERS*>(&memory), sizeof(memory)) != 0) {
    numbers.resident_bytes = memory.WorkingSetSize;
    numbers.virtual_bytes = memory.PrivateUsage;
  }
  DWORD handles = 0;
  if (GetProcessHandleCount(self, &handles) != 0) {
    numbers.open_fds = handles;
    numbers.max_fds = kMostHandles;
  }
  return numbers;
}

}  // namespace

std::unique_ptr<io::ProcessStats> make_process_stats() { return std::make_unique<WindowsProcessStats>(); }

}  // namespace sounder::platform
