#include <string>
#include <vector>

#include "engine/platform/platform.h"
#include "engine/platform/windows/handle.h"
#include "engine/platform/windows/identity.h"
#include "engine/platform/windows/text.h"
// After the headers of Windows, whose types they use.
#include <sddl.h>

namespace sounder::platform {

namespace {

/// A name that is an identifier already.
std::string as_identifier(const std::string& name) {
  PSID sid = nullptr;
  if (!name.starts_with("S-1-") || ConvertStringSidToSidW(to_utf16(name).c_str(), &sid) == 0) return {};
  return windows::to_text(windows::LocalMemory<void>(sid).get());
}

/// "name", "DOMAIN\name", or one that the system itself has ("Administrators", in the system's language).
base::Result<std::string> find(const std::string& what, const std::string& name, bool of_a_group) {
  if (std::string identifier = as_identifier(name); !identifier.empty()) return identifier;
  std::vector<std::byte> sid(SECURITY_MAX_SID_SIZE);
  std::vector<wchar_t> domain(1024);
  auto sid_size = static_cast<DWORD>(sid.size());
  auto domain_size = static_cast<DWORD>(domain.size());
  SID_NAME_USE use = SidTypeUnknown;
  if (name.empty() || LookupAccountNameW(nullptr, to_utf16(name).c_str(), sid.data(), &sid_size, domain.data(),
                                         &domain_size, &use) == 0) {
    if (name.empty() || GetLastError() == ERROR_NONE_MAPPED) return base::fail(what + ": there is none of that name");
    return tl::unexpected(windows::last_error(what));
  }
  if (of_a_group == (use == SidTypeUser)) {
    return base::fail(what + (of_a_group ? ": that is a user" : ": that is not a user"));
  }
  return windows::to_text(sid.data());
}

}  // namespace

base::Result<std::string> user_id(const std::string& name) { return find("find user " + name, name, false); }

base::Result<std::string> group_id(const std::string& name) { return find("find group " + name, name, true); }

}  // namespace sounder::platform
