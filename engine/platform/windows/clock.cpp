#include <cstdint>
#include <memory>
#include <ratio>

#include "engine/platform/platform.h"
#include "engine/platform/windows/system_headers.h"

namespace sounder::platform {

namespace {

constexpr std::int64_t kNanosecondsPerSecond = 1'000'000'000;

/// FILETIME counts 100 ns from 1601-01-01 UTC; this is 1970-01-01.
constexpr std::int64_t kUnixEpoch = 116'444'736'000'000'000;
using FileTicks = std::chrono::duration<std::int64_t, std::ratio<1, 10'000'000>>;

/// The performance counter: 10 MHz as a rule, the same on all processors.
class WindowsClock final : public io::Clock {
 public:
  WindowsClock() {
    LARGE_INTEGER frequency{};
    QueryPerformanceFrequency(&frequency);  // never fails since Windows XP
    frequency_ = frequency.QuadPart;
  }

  base::MonoTime mono_now() const override {
    LARGE_INTEGER count{};
    QueryPerformanceCounter(&count);
    // In two parts: nanoseconds times the frequency would overflow within minutes.
    const std::int64_t seconds = count.QuadPart / frequency_;
    const std::int64_t rest = count.QuadPart % frequency_;
    return base::MonoTime(std::chrono::seconds(seconds) + base::Duration(rest * kNanosecondsPerSecond / frequency_));
  }

  base::WallTime wall_now() const override {
    FILETIME now{};
    GetSystemTimePreciseAsFileTime(&now);
    const auto ticks =
        static_cast<std::int64_t>(std::uint64_t{now.dwHighDateTime} << 32U | std::uint64_t{now.dwLowDateTime});
    return base::WallTime(FileTicks(ticks - kUnixEpoch));
  }

 private:
  std::int64_t frequency_ = 1;
};

}  // namespace

std::unique_ptr<io::Clock> make_clock() { return std::make_unique<WindowsClock>(); }

}  // namespace sounder::platform
