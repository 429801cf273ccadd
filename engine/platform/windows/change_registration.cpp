#include "engine/platform/windows/change_registration.h"

#include <atomic>
#include <utility>

namespace sounder::platform::windows {

namespace {

/// Of this thread: the context whose notify() it is in.
thread_local const ChangeContext* notifying = nullptr;

/// Never freed, and never lost sight of.
std::atomic<ChangeContext*> abandoned{nullptr};

}  // namespace

void ChangeContext::notify() {
  if (is_notifying_here()) return;
  const std::lock_guard lock(gate_);
  if (!enabled_) return;
  const ChangeContext* const outer = std::exchange(notifying, this);
  ring_();
  notifying = outer;
}

void ChangeContext::disable() {
  if (is_notifying_here()) {  // this thread has the lock already
    enabled_ = false;
    return;
  }
  const std::lock_guard lock(gate_);
  enabled_ = false;
}

bool ChangeContext::is_notifying_here() const { return notifying == this; }

void ChangeContext::abandon(std::unique_ptr<ChangeContext> context) {
  ChangeContext* const given = context.release();
  given->next_abandoned_ = abandoned.load();
  while (!abandoned.compare_exchange_weak(given->next_abandoned_, given)) {
  }
}

ChangeRegistration::ChangeRegistration(NetworkCalls& calls, NetworkTopic topic, std::function<void()> ring)
    : calls_(&calls), context_(std::make_unique<ChangeContext>(std::move(ring))) {
  const NetworkCalls::Subscription given = calls.subscribe(topic, *context_);
  handle_ = given.error == 0 ? given.handle : nullptr;
  if (live()) return;
  context_->disable();
  // Success without a handle is a registration that nobody can end.
  if (given.error == 0) ChangeContext::abandon(std::move(context_));
  context_.reset();
}

ChangeRegistration::ChangeRegistration(ChangeRegistration&& other) noexcept
    : calls_(other.calls_), context_(std::move(other.context_)), handle_(std::exchange(other.handle_, nullptr)) {}

ChangeRegistration& ChangeRegistration::operator=(ChangeRegistration&& other) noexcept {
  if (this == &other) return *this;
  close();
  calls_ = other.calls_;
  context_ = std::move(other.context_);
  handle_ = std::exchange(other.handle_, nullptr);
  return *this;
}

bool ChangeRegistration::close() {
  if (!live()) return true;
  void* const handle = std::exchange(handle_, nullptr);
  const bool inside = context_->is_notifying_here();
  context_->disable();
  const bool cancelled = !inside && calls_->cancel(handle) == 0;
  if (!cancelled) ChangeContext::abandon(std::move(context_));
  context_.reset();
  return cancelled;
}

}  // namespace sounder::platform::windows
