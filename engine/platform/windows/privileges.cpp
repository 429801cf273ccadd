// What decides over raw sockets is the membership in Administrators, asked for whenever one is opened; a process cannot
// give that up and go on probing. It can give up the privileges of its token, which are what makes an administrator
// dangerous: to debug others, load drivers, read and write every file.
#include <cstddef>
#include <memory>
#include <vector>

#include "engine/platform/platform.h"
#include "engine/platform/windows/system_headers.h"

namespace sounder::platform {

namespace {

using Status = base::Result<void>;

struct CloseToken {
  using pointer = HANDLE;
  void operator()(HANDLE token) const { CloseHandle(token); }
};
using Token = std::unique_ptr<HANDLE, CloseToken>;

base::Error last_error(const char* what) {
  return {what, std::error_code(static_cast<int>(GetLastError()), std::system_category())};
}

base::Result<Token> open_own_token() {
  HANDLE token = nullptr;
  if (OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY | TOKEN_ADJUST_PRIVILEGES, &token) == 0) {
    return tl::unexpected(last_error("open our access token"));
  }
  return Token(token);
}

/// SE_CHANGE_NOTIFY_NAME, which is wide only in programs that are wide throughout.
constexpr const wchar_t* kPassThrough = L"SeChangeNotifyPrivilege";

/// Every privilege but the right to pass through folders, which every user has and which opening files relies on.
Status remove_privileges(HANDLE token) {
  LUID pass_through{};
  if (LookupPrivilegeValueW(nullptr, kPassThrough, &pass_through) == 0) {
    return tl::unexpected(last_error("look up a privilege"));
  }
  DWORD needed = 0;
  GetTokenInformation(token, TokenPrivileges, nullptr, 0, &needed);
  std::vector<std::max_align_t> room(needed / sizeof(std::max_align_t) + 1);
  if (GetTokenInformation(token, TokenPrivileges, room.data(), needed, &needed) == 0) {
    return tl::unexpected(last_error("read our privileges"));
  }
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): a structure that ends in an array of unknown length.
  auto* held = reinterpret_cast<TOKEN_PRIVILEGES*>(room.data());
  for (DWORD index = 0; index < held->PrivilegeCount; ++index) {
    // NOLINTNEXTLINE(cppcoreguidelines-pro-bounds-*): the same array.
    LUID_AND_ATTRIBUTES& privilege = held->Privileges[index];
    const bool keep =
        privilege.Luid.LowPart == pass_through.LowPart && privilege.Luid.HighPart == pass_through.HighPart;
    if (!keep) privilege.Attributes = SE_PRIVILEGE_REMOVED;
  }
  if (AdjustTokenPrivileges(token, FALSE, held, 0, nullptr, nullptr) == 0) {
    return tl::unexpected(last_error("remove our privileges"));
  }
  return {};
}

class WindowsPrivileges final : public io::Privileges {
 public:
  Status drop(const io::PrivilegePlan& plan) override;
};

/// There is no marking of packets either, which PacketIo says; and no other user to become.
Status WindowsPrivileges::drop(const io::PrivilegePlan& plan) {
  if (!plan.user.empty()) {
    return base::fail("change to user " + plan.user +
                      ": Windows has no such change; leave `user` out, and start sounder under that account");
  }
  const auto token = open_own_token();
  if (!token) return tl::unexpected(token.error());
  return remove_privileges(token->get());
}

}  // namespace

std::unique_ptr<io::Privileges> make_privileges() { return std::make_unique<WindowsPrivileges>(); }

}  // namespace sounder::platform
