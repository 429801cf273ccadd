#include <sounder/registration.h>

#include <utility>

#include "client/link.h"

namespace sounder::client {

Registration::Registration() = default;

Registration::Registration(std::shared_ptr<detail::RegistrationState> state) : state_(std::move(state)) {}

Registration::~Registration() { cancel(); }

Registration::Registration(Registration&& other) noexcept : state_(std::exchange(other.state_, nullptr)) {}

Registration& Registration::operator=(Registration&& other) noexcept {
  if (this != &other) {
    cancel();
    state_ = std::exchange(other.state_, nullptr);
  }
  return *this;
}

void Registration::cancel(OnCancel on_cancel) {
  const auto state = std::exchange(state_, nullptr);
  if (!state) return;
  if (const auto link = state->link.lock()) {
    // In a child of fork() a lock may be held by a thread that does not exist there.
    if (link->forked()) return detail::keep_for_ever(state);
    link->remove(state->key);
  }
  state->gate.close(on_cancel);
}

}  // namespace sounder::client
