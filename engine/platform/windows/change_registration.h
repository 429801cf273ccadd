/// A registration with the system for notices of changes, and what the system calls.
///
/// CancelMibChangeNotify2 waits for a callback that runs: on the callback's own thread, or by whoever holds a lock that
/// the callback wants, it would wait for ever. It may fail, and then the system goes on calling. Whether callbacks come
/// one after the other is documented, and was seen otherwise. So: a registration is switched off first, under a lock
/// that is free again before it is cancelled; and what can't be cancelled is left to the system, switched off.
#pragma once

#include <functional>
#include <memory>
#include <mutex>

#include "engine/platform/windows/network_calls.h"

namespace sounder::platform::windows {

/// What the system is given to call. Its address stays the same for as long as the system may have it.
class ChangeContext {
 public:
  /// `ring` is called on the system's threads, one at a time. It must not wait for anything; it may end the
  /// registration.
  explicit ChangeContext(std::function<void()> ring) : ring_(std::move(ring)) {}

  /// The callback. Any thread, any number of them at once; when disabled, nothing happens. The system's row and kind of
  /// change are not asked for: a row is incomplete and may be out of date, and an initial notice is no snapshot.
  void notify();
  /// `ring` is not called any more when this has returned, and no call of it runs but the one around this.
  void disable();
  /// The calling thread is inside notify().
  [[nodiscard]] bool is_notifying_here() const;

  /// For a context that the system may still use: it lives as long as the process.
  static void abandon(std::unique_ptr<ChangeContext> context);

 private:
  std::mutex gate_;  ///< held while `ring` runs
  bool enabled_ = true;
  std::function<void()> ring_;
  ChangeContext* next_abandoned_ = nullptr;
};

/// Owns one registration. Move-only; cancelled with its owner.
class ChangeRegistration {
 public:
  ChangeRegistration() = default;
  /// `calls` and whatever `ring` uses outlive it. It may come to nothing: live() tells.
  ChangeRegistration(NetworkCalls& calls, NetworkTopic topic, std::function<void()> ring);
  ChangeRegistration(ChangeRegistration&& other) noexcept;
  ChangeRegistration& operator=(ChangeRegistration&& other) noexcept;
  ~ChangeRegistration() { close(); }

  /// The system gave a handle: it will tell of changes.
  [[nodiscard]] bool live() const { return handle_ != nullptr; }
  /// `ring` is not called any more. Not cancelled, but left to the system, where that refuses, or on the callback's own
  /// thread. Gives false if so. Waits for a callback that runs, which waits for nothing.
  bool close();

 private:
  NetworkCalls* calls_ = nullptr;
  std::unique_ptr<ChangeContext> context_;
  void* handle_ = nullptr;
};

}  // namespace sounder::platform::windows
