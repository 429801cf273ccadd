#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <utility>

#include "engine/platform/platform.h"

namespace sounder::platform {

namespace {

/// Asio's timer is exact enough here: the kernel ends a wait within tens of microseconds.
class LinuxLoopTimer final : public io::LoopTimer {
 public:
  LinuxLoopTimer(const boost::asio::any_io_executor& executor, std::function<void()> on_due)
      : timer_(executor), shared_(std::make_shared<Shared>()) {
    shared_->on_due = std::move(on_due);
  }
  ~LinuxLoopTimer() override { cancel(); }

  void set(base::Duration after) override {
    timer_.expires_after(after);
    timer_.async_wait([shared = shared_, round = ++shared_->round](const boost::system::error_code& error) {
      if (!error && round == shared->round) shared->on_due();
    });
  }
  void cancel() override {
    ++shared_->round;
    timer_.cancel();
  }

 private:
  /// What handlers touch; they may outlive the timer in the context's queue.
  struct Shared {
    std::function<void()> on_due;
    std::uint64_t round = 0;  ///< tells a handler that its timer was set anew while it was queued
  };

  boost::asio::steady_timer timer_;
  std::shared_ptr<Shared> shared_;
};

}  // namespace

std::unique_ptr<io::LoopTimer> make_loop_timer(boost::asio::any_io_executor executor, std::function<void()> on_due) {
  return std::make_unique<LinuxLoopTimer>(executor, std::move(on_due));
}

}  // namespace sounder::platform
