#include "engine/platform/windows/precise_timer.h"

#include <algorithm>
#include <cstdint>

#include "engine/base/check.h"

namespace sounder::platform::windows {

namespace {

/// CREATE_WAITABLE_TIMER_HIGH_RESOLUTION (synchapi.h), which mingw-w64 10 does not know.
constexpr DWORD kHighResolution = 0x2;
constexpr unsigned kTickMilliseconds = 1;
constexpr base::Duration kTimerTick = std::chrono::nanoseconds(100);

using PeriodCall = UINT(WINAPI*)(UINT);

/// Not linked, since Nano Server has no winmm.dll.
void call_period(const char* name, unsigned milliseconds) {
  static const HMODULE kLibrary = LoadLibraryExW(L"winmm.dll", nullptr, LOAD_LIBRARY_SEARCH_SYSTEM32);
  if (kLibrary == nullptr) return;
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): GetProcAddress gives every function one type.
  const auto call = reinterpret_cast<PeriodCall>(reinterpret_cast<void*>(GetProcAddress(kLibrary, name)));
  if (call != nullptr) call(milliseconds);
}

}  // namespace

HANDLE TimerCalls::create(DWORD flags) {
  return CreateWaitableTimerExW(nullptr, nullptr, flags, TIMER_MODIFY_STATE | SYNCHRONIZE);
}

void TimerCalls::set(HANDLE timer, std::int64_t ticks) {
  LARGE_INTEGER due{};
  due.QuadPart = -ticks;  // negative: from now
  SOUNDER_CHECK(SetWaitableTimer(timer, &due, 0, nullptr, nullptr, FALSE) != 0);
}

void TimerCalls::begin_period(unsigned milliseconds) { call_period("timeBeginPeriod", milliseconds); }
void TimerCalls::end_period(unsigned milliseconds) { call_period("timeEndPeriod", milliseconds); }

PreciseTimer::PreciseTimer(TimerCalls& calls) : calls_(calls), handle_(calls.create(kHighResolution)) {
  if (handle_ != nullptr) return;
  handle_ = calls_.create(0);
  SOUNDER_CHECK(handle_ != nullptr);
  calls_.begin_period(kTickMilliseconds);
  fast_tick_ = true;
}

PreciseTimer::~PreciseTimer() {
  if (fast_tick_) calls_.end_period(kTickMilliseconds);
  CloseHandle(handle_);
}

void PreciseTimer::set(base::Duration after) {
  // Rounded up, since a wait that ends early is a wait more.
  calls_.set(handle_, std::max<std::int64_t>(1, (after + kTimerTick - base::Duration(1)) / kTimerTick));
}

void PreciseTimer::cancel() { CancelWaitableTimer(handle_); }

}  // namespace sounder::platform::windows
