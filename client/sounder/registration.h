/// What a session has registered with the daemon, as a handle whose end is the registration's end.
#pragma once

#include <cstdint>
#include <memory>

namespace sounder::client {

namespace detail {
struct RegistrationState;
}

enum class OnCancel : std::uint8_t {
  kWait,    ///< return after a callback that runs, unless it is on this very thread
  kNoWait,  ///< return at once: a callback may still run, but none begins
};

/// A registration. It may outlive its Session; then nothing more comes.
///
/// CancelMibChangeNotify2 must not be called on the callback's thread, nor by anyone who holds what the callback waits
/// for, and it may fail. Here the former is allowed, the latter has kNoWait, and nothing can fail: the daemon ends the
/// registration at the latest with the connection.
///
/// After cancel(kWait), or the destructor, from another thread than the callback's, no callback runs or begins, and the
/// callback object itself has been destroyed. In the callback it is destroyed as soon as that returns. Nothing waits
/// for the daemon or holds a lock of the library while a callback runs.
///
/// Safe to use from any thread, one at a time.
class Registration {
 public:
  /// Empty: nothing is registered.
  Registration();
  explicit Registration(std::shared_ptr<detail::RegistrationState> state);
  /// cancel(OnCancel::kWait).
  ~Registration();
  Registration(Registration&& other) noexcept;
  /// Cancels what it held before.
  Registration& operator=(Registration&& other) noexcept;
  Registration(const Registration&) = delete;
  Registration& operator=(const Registration&) = delete;

  /// Idempotent.
  void cancel(OnCancel on_cancel = OnCancel::kWait);

  explicit operator bool() const { return state_ != nullptr; }

 private:
  std::shared_ptr<detail::RegistrationState> state_;
};

}  // namespace sounder::client
