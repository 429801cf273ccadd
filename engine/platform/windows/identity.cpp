#include "engine/platform/windows/identity.h"

#include <cstddef>
#include <utility>
#include <vector>

#include "engine/base/check.h"
#include "engine/platform/windows/handle.h"
#include "engine/platform/windows/text.h"
// After the headers of Windows, whose types they use.
#include <aclapi.h>
#include <sddl.h>

namespace sounder::platform::windows {

namespace {

/// What a token says of one kind; a structure with pointers into the same memory.
base::Result<std::vector<std::max_align_t>> ask_token(HANDLE token, TOKEN_INFORMATION_CLASS kind) {
  DWORD needed = 0;
  GetTokenInformation(token, kind, nullptr, 0, &needed);
  std::vector<std::max_align_t> room(needed / sizeof(std::max_align_t) + 1);
  if (GetTokenInformation(token, kind, room.data(), needed, &needed) == 0) {
    return tl::unexpected(last_error("read an access token"));
  }
  return room;
}

void add_groups(const TOKEN_GROUPS& held, io::Credentials& credentials) {
  for (DWORD index = 0; index < held.GroupCount; ++index) {
    // NOLINTNEXTLINE(cppcoreguidelines-pro-bounds-*): an array of unknown length ends the structure.
    const SID_AND_ATTRIBUTES& group = held.Groups[index];
    const bool denies = (group.Attributes & SE_GROUP_USE_FOR_DENY_ONLY) != 0;
    if (denies || (group.Attributes & SE_GROUP_ENABLED) == 0) continue;
    credentials.groups.push_back(to_text(group.Sid));
    if (credentials.groups.back() == kAdministratorsSid) credentials.administrator = true;
  }
}

}  // namespace

std::string to_text(PSID sid) {
  LPWSTR text = nullptr;
  if (ConvertSidToStringSidW(sid, &text) == 0) return {};
  const LocalMemory<WCHAR> owner(text);
  return to_utf8(text);
}

base::Result<io::Credentials> read_token(HANDLE token) {
  const auto user = ask_token(token, TokenUser);
  if (!user) return tl::unexpected(user.error());
  const auto groups = ask_token(token, TokenGroups);
  if (!groups) return tl::unexpected(groups.error());
  io::Credentials credentials;
  // NOLINTBEGIN(cppcoreguidelines-pro-type-reinterpret-cast): structures that end in arrays of unknown length.
  credentials.user = to_text(reinterpret_cast<const TOKEN_USER*>(user->data())->User.Sid);
  add_groups(*reinterpret_cast<const TOKEN_GROUPS*>(groups->data()), credentials);
  // NOLINTEND(cppcoreguidelines-pro-type-reinterpret-cast)
  if (credentials.user == kSystemSid) credentials.administrator = true;
  return credentials;
}

base::Result<io::Credentials> own_identity() {
  HANDLE token = nullptr;
  if (OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &token) == 0) {
    return tl::unexpected(last_error("open our access token"));
  }
  return read_token(Handle(token).get());
}

base::Result<io::Credentials> client_identity(HANDLE pipe) {
  if (ImpersonateNamedPipeClient(pipe) == 0) return tl::unexpected(last_error("ask who a local client is"));
  HANDLE token = nullptr;
  const bool opened = OpenThreadToken(GetCurrentThread(), TOKEN_QUERY, TRUE, &token) != 0;
  const auto error = last_error("open the access token of a local client");
  // Whoever can't become himself again would do all that follows as somebody else.
  SOUNDER_CHECK(RevertToSelf() != 0);
  if (!opened) return tl::unexpected(error);
  return read_token(Handle(token).get());
}

base::Result<std::string> owner_of(HANDLE pipe) {
  PSID owner = nullptr;
  PSECURITY_DESCRIPTOR descriptor = nullptr;
  const DWORD error = GetSecurityInfo(pipe, SE_KERNEL_OBJECT, OWNER_SECURITY_INFORMATION, &owner, nullptr, nullptr,
                                      nullptr, &descriptor);
  if (error != ERROR_SUCCESS) return base::fail("ask who owns a pipe", system_code(error));
  const LocalMemory<void> memory(descriptor);
  return to_text(owner);
}

}  // namespace sounder::platform::windows
