#include <fcntl.h>
#include <net/if.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <sys/resource.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "engine/base/check.h"
#include "engine/platform/linux/file_descriptor.h"
#include "engine/platform/platform.h"

namespace sounder::platform {

std::optional<std::uint32_t> interface_index(const std::string& name) {
  const unsigned index = if_nametoindex(name.c_str());
  return index == 0 ? std::nullopt : std::optional<std::uint32_t>(index);
}

std::uint64_t allow_descriptors(std::uint64_t wanted) {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
  if (limit.rlim_cur < wanted) {
    const rlim_t before = std::exchange(limit.rlim_cur, std::min<rlim_t>(wanted, limit.rlim_max));
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0) limit.rlim_cur = before;
  }
  // The table reaches up to the highest descriptor that ever was.
  const std::uint64_t room = std::min<std::uint64_t>({wanted, limit.rlim_cur, std::numeric_limits<int>::max()});
  const FileDescriptor any(eventfd(0, EFD_CLOEXEC));
  if (any && room > 0) const FileDescriptor highest(fcntl(any.get(), F_DUPFD_CLOEXEC, static_cast<int>(room) - 1));
  return limit.rlim_cur;
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
