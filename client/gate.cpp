#include "client/gate.h"

#include <utility>

namespace sounder::client {

bool Gate::enter() {
  const std::lock_guard lock(mutex_);
  if (closed_) return false;
  running_ = std::this_thread::get_id();
  return true;
}

void Gate::leave() {
  std::function<void()> drop;
  {
    const std::lock_guard lock(mutex_);
    if (!closed_) {
      running_ = {};
      return;
    }
    drop = take_drop();
  }
  // Whoever waits is let go only when the callback's object is gone as well.
  if (drop) drop();
  const std::lock_guard lock(mutex_);
  running_ = {};
  left_.notify_all();
}

void Gate::close(OnCancel on_cancel) {
  std::function<void()> drop;
  {
    std::unique_lock lock(mutex_);
    closed_ = true;
    if (running_ == std::thread::id()) {
      drop = take_drop();
    } else if (on_cancel == OnCancel::kWait && running_ != std::this_thread::get_id()) {
      left_.wait(lock, [this] { return running_ == std::thread::id(); });
    }
  }
  if (drop) drop();
}

std::function<void()> Gate::take_drop() { return std::exchange(drop_, {}); }

}  // namespace sounder::client
