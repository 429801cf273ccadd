#include "client/transport.h"

#include <cstdlib>
#include <utility>

#include "engine/platform/local_stream.h"

namespace sounder::client {

Transport system_transport() {
  return {.connect = platform::connect_local, .fork_generation = platform::fork_generation};
}

std::string default_path() {
  const char* chosen = std::getenv("SOUNDER_BROKER");
  return chosen == nullptr || *chosen == '\0' ? platform::default_local_name() : std::string(chosen);
}

}  // namespace sounder::client
