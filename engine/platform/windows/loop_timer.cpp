#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <thread>
#include <utility>

#include "engine/base/check.h"
#include "engine/platform/platform.h"
#include "engine/platform/windows/posted_call.h"
#include "engine/platform/windows/precise_timer.h"

namespace sounder::platform {

namespace {

/// A thread waits for a precise timer and posts to the loop. Asio's own timer does the same with a coarse one.
class WindowsLoopTimer final : public io::LoopTimer {
 public:
  WindowsLoopTimer(boost::asio::any_io_executor executor, std::function<void()> on_due);
  ~WindowsLoopTimer() override;

  void set(base::Duration after) override;
  void cancel() override;

 private:
  void wait();
  void on_posted();

  std::unique_ptr<io::Clock> clock_ = make_clock();
  windows::TimerCalls calls_;
  windows::PreciseTimer timer_{calls_};
  HANDLE quit_ = CreateEventW(nullptr, TRUE, FALSE, nullptr);
  std::function<void()> on_due_;
  std::optional<base::MonoTime> due_;  ///< of the loop's thread
  windows::PostedCall posted_;
  std::thread thread_;
};

WindowsLoopTimer::WindowsLoopTimer(boost::asio::any_io_executor executor, std::function<void()> on_due)
    : on_due_(std::move(on_due)), posted_(std::move(executor), [this] { on_posted(); }) {
  SOUNDER_CHECK(quit_ != nullptr);
  thread_ = std::thread([this] { wait(); });
}

WindowsLoopTimer::~WindowsLoopTimer() {
  SetEvent(quit_);
  thread_.join();
  CloseHandle(quit_);
}

void WindowsLoopTimer::set(base::Duration after) {
  due_ = clock_->mono_now() + after;
  after > base::Duration::zero() ? timer_.set(after) : posted_.post();
}

void WindowsLoopTimer::cancel() {
  due_.reset();
  timer_.cancel();
}

/// The timer's thread.
void WindowsLoopTimer::wait() {
  // It does nothing but wake another: never wait behind threads that compute.
  SetThreadPriority(GetCurrentThread(), THREAD_PRIORITY_HIGHEST);
  const std::array<HANDLE, 2> handles = {quit_, timer_.handle()};
  while (WaitForMultipleObjects(DWORD{handles.size()}, handles.data(), FALSE, INFINITE) == WAIT_OBJECT_0 + 1) {
    posted_.post();
  }
}

/// Also runs for a time that was since set anew, which is then still to come.
void WindowsLoopTimer::on_posted() {
  if (!due_) return;
  const base::Duration left = *due_ - clock_->mono_now();
  if (left > base::Duration::zero()) return timer_.set(left);
  due_.reset();
  on_due_();
}

}  // namespace

std::unique_ptr<io::LoopTimer> make_loop_timer(boost::asio::any_io_executor executor, std::function<void()> on_due) {
  return std::make_unique<WindowsLoopTimer>(std::move(executor), std::move(on_due));
}

}  // namespace sounder::platform
