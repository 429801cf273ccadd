#include <grp.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <memory>

#include "engine/platform/linux/accounts.h"
#include "engine/platform/linux/socket_options.h"
#include "engine/platform/platform.h"

namespace sounder::platform {

namespace {

using Status = base::Result<void>;

/// A set of capabilities (capabilities(7)), one bit each.
using CapabilitySet = std::uint64_t;
constexpr CapabilitySet bit(unsigned capability) { return CapabilitySet{1} << capability; }

struct Capabilities {
  CapabilitySet effective = 0;
  CapabilitySet permitted = 0;
  CapabilitySet inheritable = 0;
};

using CapabilityWords = std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3>;

base::Result<Capabilities> read_capabilities() {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  CapabilityWords words{};
  if (syscall(SYS_capget, &header, words.data()) != 0) {
    return tl::unexpected(system_error("read our capabilities", errno));
  }
  const auto join = [](std::uint32_t low, std::uint32_t high) { return CapabilitySet{high} << 32U | low; };
  return Capabilities{join(words[0].effective, words[1].effective), join(words[0].permitted, words[1].permitted),
                      join(words[0].inheritable, words[1].inheritable)};
}

/// Of the calling thread: threads that it starts later have the same.
Status write_capabilities(const Capabilities& wanted) {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  CapabilityWords words{};
  for (unsigned word = 0; word < words.size(); ++word) {
    const auto part = [&](CapabilitySet set) { return static_cast<std::uint32_t>(set >> (32U * word)); };
    words.at(word) = {part(wanted.effective), part(wanted.permitted), part(wanted.inheritable)};
  }
  if (syscall(SYS_capset, &header, words.data()) != 0) return tl::unexpected(system_error("drop capabilities", errno));
  return {};
}

/// Needs CAP_SETPCAP. Without it the bounding set stays as it is, which no_new_privs makes harmless.
Status shrink_bounding_set(CapabilitySet keep) {
  for (unsigned capability = 0; prctl(PR_CAPBSET_READ, capability, 0, 0, 0) >= 0; ++capability) {
    if ((keep & bit(capability)) != 0) continue;
    if (prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) != 0) {
      return tl::unexpected(system_error("shrink the capability bounding set", errno));
    }
  }
  return {};
}

/// KEEPCAPS: the kernel would clear all capabilities as the last uid ceases to be 0.
Status become(const std::string& name) {
  const auto user = find_user(name);
  if (!user) return tl::unexpected(user.error());
  if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) != 0) return tl::unexpected(system_error("keep capabilities", errno));
  if (initgroups(name.c_str(), user->gid) != 0 || setresgid(user->gid, user->gid, user->gid) != 0 ||
      setresuid(user->uid, user->uid, user->uid) != 0) {
    return tl::unexpected(base::Error{"change to user " + name, {errno, std::system_category()}});
  }
  return {};
}

class LinuxPrivileges final : public io::Privileges {
 public:
  Status drop(const io::PrivilegePlan& plan) override;
};

Status LinuxPrivileges::drop(const io::PrivilegePlan& plan) {
  const auto had = read_capabilities();
  if (!had) return tl::unexpected(had.error());
  const CapabilitySet wanted = bit(CAP_NET_RAW) | (plan.keep_mark ? bit(CAP_NET_ADMIN) : 0);
  if ((had->effective & bit(CAP_SETPCAP)) != 0) {
    if (auto shrunk = shrink_bounding_set(wanted); !shrunk) return shrunk;
  }
  if (!plan.user.empty() && geteuid() == 0) {
    if (auto became = become(plan.user); !became) return became;
  }
  if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) != 0 && errno != EINVAL) {
    return tl::unexpected(system_error("clear ambient capabilities", errno));
  }
  const CapabilitySet keep = wanted & had->permitted;
  if (auto written = write_capabilities({keep, keep, 0}); !written) return written;
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return tl::unexpected(system_error("set no_new_privs", errno));
  return {};
}

}  // namespace

std::unique_ptr<io::Privileges> make_privileges() { return std::make_unique<LinuxPrivileges>(); }

}  // namespace sounder::platform
