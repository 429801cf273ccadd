/// Whether a callback may begin, and waiting for one that runs: what a handle's end needs. No callback runs while the
/// gate's lock is held.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include <sounder/registration.h>

namespace sounder::client {

class Gate {
 public:
  /// `drop` destroys what no callback needs any more: once, when the gate is closed and no callback runs, on the thread
  /// that sees to it. It must not touch the gate.
  explicit Gate(std::function<void()> drop = {}) : drop_(std::move(drop)) {}
  Gate(const Gate&) = delete;
  Gate& operator=(const Gate&) = delete;

  /// A callback's time within the gate. Converts to false if the gate is closed: then there is to be none.
  class Pass {
   public:
    explicit Pass(Gate& gate) : gate_(gate.enter() ? &gate : nullptr) {}
    ~Pass() {
      if (gate_ != nullptr) gate_->leave();
    }
    Pass(const Pass&) = delete;
    Pass& operator=(const Pass&) = delete;
    explicit operator bool() const { return gate_ != nullptr; }

   private:
    Gate* gate_;
  };

  /// No callback begins from now on. With kWait, it returns when none runs any more, except on the callback's own
  /// thread. Idempotent; may be called by several at once.
  void close(OnCancel on_cancel);

 private:
  bool enter();
  void leave();
  /// Takes what is to be called without the lock, if it is time for it. Under the lock.
  std::function<void()> take_drop();

  std::mutex mutex_;
  std::condition_variable left_;
  std::function<void()> drop_;
  std::thread::id running_;  ///< of the thread in a callback; default: none
  bool closed_ = false;
};

}  // namespace sounder::client
