/// One echo request of a client, from its acceptance until its result is written: the memory is there before the
/// request is accepted, so that nothing is allocated for its result.
#pragma once

#include <cstdint>
#include <variant>

#include "engine/broker/account.h"
#include "engine/broker/intrusive.h"
#include "engine/broker/monitor.h"
#include "engine/probe/echo.h"

namespace sounder::broker {

struct Session;

struct EchoSlot {
  ListHook place;  ///< among those that wait, that are in flight, or that are done
  Session* session = nullptr;
  Charge charge;
  std::uint64_t token = 0;
  std::variant<probe::EchoRequest, MonitorRecord> content;  ///< the request until it has left; then the result
  bool in_flight = false;
  bool refused = false;  ///< not permitted: the result says so
};

}  // namespace sounder::broker
