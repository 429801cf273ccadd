#include "engine/broker/statistics.h"

namespace sounder::broker {

const char* to_string(CloseReason reason) {
  constexpr std::array<const char*, kCloseReasons> kNames{
      "end_of_stream",     "reset",         "process_exit", "protocol",
      "handshake_timeout", "frame_timeout", "refused",      "shutdown"};
  return kNames[static_cast<std::size_t>(reason)];
}

const char* to_string(Resource resource) {
  constexpr std::array<const char*, kResources> kNames{"connections", "handshakes", "registrations",
                                                       "credits",     "bytes",      "kernel_bytes"};
  return kNames[static_cast<std::size_t>(resource)];
}

const char* to_string(Level level) {
  constexpr std::array<const char*, kLevels> kNames{"client", "user", "broker"};
  return kNames[static_cast<std::size_t>(level)];
}

const char* to_string(RegistrationKind kind) {
  constexpr std::array<const char*, kRegistrationKinds> kNames{"watch", "monitor", "outcomes"};
  return kNames[static_cast<std::size_t>(kind)];
}

}  // namespace sounder::broker
