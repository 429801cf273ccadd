/// Who may do what with the daemon's pipe.
#pragma once

#include <string>

#include "engine/base/result.h"
#include "engine/platform/windows/handle.h"
#include "engine/platform/windows/system_headers.h"

namespace sounder::platform::windows {

/// What a client opens the pipe with, and all that it is granted. Bit by bit: FILE_GENERIC_WRITE holds
/// FILE_APPEND_DATA, which for pipes is FILE_CREATE_PIPE_INSTANCE, and whoever has that can pose as the daemon.
/// GENERIC_READ, which plain programs ask for, holds FILE_READ_EA.
inline constexpr DWORD kClientAccess = FILE_READ_DATA | FILE_WRITE_DATA | FILE_READ_ATTRIBUTES | FILE_WRITE_ATTRIBUTES |
                                       FILE_READ_EA | READ_CONTROL | SYNCHRONIZE;
static_assert((kClientAccess & FILE_GENERIC_READ) == FILE_GENERIC_READ);
static_assert((kClientAccess & FILE_CREATE_PIPE_INSTANCE) == 0);

struct PipeAccess {
  unsigned mode = 0;  ///< as chmod's: everybody by its bits for writing, and the group
  std::string group;  ///< a name or a SID; empty: nobody
};

/// As text (SDDL): the daemon itself may do everything, Administrators and LocalSystem may connect, and whom `access`
/// names. Everybody is who has logged on; neither anonymous users nor guests.
[[nodiscard]] base::Result<std::string> describe_access(const PipeAccess& access);

/// The descriptor of a text.
[[nodiscard]] base::Result<LocalMemory<void>> security_descriptor(const std::string& text);

}  // namespace sounder::platform::windows
