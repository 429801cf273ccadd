/// What a client has registered for: a member of its session, and of nothing else.
#pragma once

#include <cstdint>

#include "engine/broker/account.h"
#include "engine/broker/intrusive.h"
#include "engine/broker/statistics.h"

namespace sounder::broker {

struct Session;
struct Follow;
struct Monitor;

/// Small, since there may be very many: all-in at most 96 bytes (design: peers take 230 to 2,672).
struct Registration {
  ListHook in_session;  ///< among those that live, in the order of their making; or among those about to be told gone
  Charge charge;
  Session* session = nullptr;
  Follow* follow = nullptr;    ///< of outcomes
  Monitor* monitor = nullptr;  ///< of a monitor
  RegistrationKind kind = RegistrationKind::kWatch;
  bool edge = false;       ///< of a watch
  std::uint8_t kinds = 0;  ///< of a watch: of objects, as bits
  bool told = false;       ///< the client knows its id; before that it can't be named
};
static_assert(sizeof(Registration) <= 64);

}  // namespace sounder::broker
