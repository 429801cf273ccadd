#include <net/if.h>
#include <sys/random.h>

#include "engine/base/check.h"
#include "engine/platform/platform.h"

namespace sounder::platform {

std::optional<std::uint32_t> interface_index(const std::string& name) {
  const unsigned index = if_nametoindex(name.c_str());
  return index == 0 ? std::nullopt : std::optional<std::uint32_t>(index);
}

std::uint64_t random_bits() {
  std::uint64_t bits = 0;
  // Blocks only before the system has gathered its first entropy; a request this small is never cut (getrandom(2)).
  ssize_t got = 0;
  do {
    got = getrandom(&bits, sizeof(bits), 0);
  } while (got < 0 && errno == EINTR);
  SOUNDER_CHECK(got == sizeof(bits));
  return bits;
}

}  // namespace sounder::platform
