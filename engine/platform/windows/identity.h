/// Who somebody is to Windows: security identifiers, as text ("S-1-5-32-544").
#pragma once

#include <string>

#include "engine/base/result.h"
#include "engine/io/local_listener.h"
#include "engine/platform/windows/system_headers.h"

namespace sounder::platform::windows {

inline constexpr const char* kSystemSid = "S-1-5-18";
inline constexpr const char* kAdministratorsSid = "S-1-5-32-544";

/// Empty if it is none.
[[nodiscard]] std::string to_text(PSID sid);

/// User and enabled groups of a token; `process` is left 0.
[[nodiscard]] base::Result<io::Credentials> read_token(HANDLE token);
/// Of this process.
[[nodiscard]] base::Result<io::Credentials> own_identity();
/// Of the client at the other end of a pipe, from the token with which it opened the pipe. ERROR_CANNOT_IMPERSONATE: a
/// client that asked for dynamic tracking (the default of CreateFile) is known once something that it sent was read.
[[nodiscard]] base::Result<io::Credentials> client_identity(HANDLE pipe);
/// The owner of a pipe, as its clients may ask.
[[nodiscard]] base::Result<std::string> owner_of(HANDLE pipe);

}  // namespace sounder::platform::windows
