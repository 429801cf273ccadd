/// A timer of the system that ends a wait within a millisecond.
#pragma once

#include <cstdint>

#include "engine/base/time.h"
#include "engine/platform/windows/system_headers.h"

namespace sounder::platform::windows {

/// The calls of the system behind a timer; tests note them. Numbers and handles are the system's.
class TimerCalls {
 public:
  TimerCalls() = default;
  TimerCalls(const TimerCalls&) = delete;
  TimerCalls& operator=(const TimerCalls&) = delete;
  virtual ~TimerCalls() = default;

  /// CreateWaitableTimerExW. Null if the system does not know the flags.
  [[nodiscard]] virtual HANDLE create(DWORD flags);
  /// SetWaitableTimer, `ticks` of 100 ns from now.
  virtual void set(HANDLE timer, std::int64_t ticks);
  /// timeBeginPeriod and timeEndPeriod, of winmm.dll, which is loaded for that; containers have none.
  virtual void begin_period(unsigned milliseconds);
  virtual void end_period(unsigned milliseconds);
};

/// By default Windows ends waits at the tick of its clock, every 15.6 ms. Since Windows 10 1803 a timer can ask for
/// better; where that is refused, the process asks for a faster tick for as long as the timer lives.
class PreciseTimer {
 public:
  explicit PreciseTimer(TimerCalls& calls);
  ~PreciseTimer();
  PreciseTimer(const PreciseTimer&) = delete;
  PreciseTimer& operator=(const PreciseTimer&) = delete;

  /// Signals the handle, once, `after` from now; anew if it was set.
  void set(base::Duration after);
  void cancel();
  /// To wait for; reset by the wait.
  [[nodiscard]] HANDLE handle() const { return handle_; }

 private:
  TimerCalls& calls_;
  HANDLE handle_;
  bool fast_tick_ = false;
};

}  // namespace sounder::platform::windows
