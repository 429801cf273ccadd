#include <ctime>
#include <memory>

#include "engine/platform/platform.h"

namespace sounder::platform {

namespace {

base::Duration read(clockid_t clock) {
  timespec time{};
  clock_gettime(clock, &time);
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

class LinuxClock final : public io::Clock {
 public:
  base::MonoTime mono_now() const override { return base::MonoTime(read(CLOCK_MONOTONIC)); }
  base::WallTime wall_now() const override { return base::WallTime(read(CLOCK_REALTIME)); }
};

}  // namespace

std::unique_ptr<io::Clock> make_clock() { return std::make_unique<LinuxClock>(); }

}  // namespace sounder::platform
