#include "engine/platform/windows/pipe_access.h"

#include <fmt/format.h>

#include "engine/platform/platform.h"
#include "engine/platform/windows/identity.h"
#include "engine/platform/windows/text.h"
// After the headers of Windows, whose types they use.
#include <sddl.h>

namespace sounder::platform::windows {

namespace {

/// chmod's bits for writing, which is what connect(2) asks for on Linux.
constexpr unsigned kGroupMayWrite = 0020;
constexpr unsigned kOthersMayWrite = 0002;

std::string allow(DWORD rights, const std::string& whom) { return fmt::format("(A;;{:#x};;;{})", rights, whom); }

/// Who makes more instances of the pipe. Not the user where Administrators will do: his programs that are not elevated
/// are of the same user.
std::string daemon_itself(const io::Credentials& own) {
  if (own.user == kSystemSid) return kSystemSid;
  return own.administrator ? kAdministratorsSid : own.user;
}

}  // namespace

base::Result<std::string> describe_access(const PipeAccess& access) {
  const auto own = own_identity();
  if (!own) return tl::unexpected(own.error());
  // Protected: nothing is inherited. The first that fits decides nothing, since all of them allow.
  std::string text = "D:P" + allow(FILE_ALL_ACCESS, daemon_itself(*own)) + allow(kClientAccess, kSystemSid) +
                     allow(kClientAccess, kAdministratorsSid) + allow(kClientAccess, own->user);
  if ((access.mode & kGroupMayWrite) != 0 && !access.group.empty()) {
    const auto group = group_id(access.group);
    if (!group) return tl::unexpected(group.error());
    text += allow(kClientAccess, *group);
  }
  if ((access.mode & kOthersMayWrite) != 0) text += allow(kClientAccess, "AU");
  return text;
}

base::Result<LocalMemory<void>> security_descriptor(const std::string& text) {
  PSECURITY_DESCRIPTOR descriptor = nullptr;
  if (ConvertStringSecurityDescriptorToSecurityDescriptorW(to_utf16(text).c_str(), SDDL_REVISION_1, &descriptor,
                                                           nullptr) == 0) {
    return tl::unexpected(last_error("describe who may connect"));
  }
  return LocalMemory<void>(descriptor);
}

}  // namespace sounder::platform::windows
