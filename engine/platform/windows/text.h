/// Text is UTF-8 everywhere but in the calls of Windows, which take UTF-16.
#pragma once

#include <string>
#include <string_view>

namespace sounder::platform {

/// What is not UTF-8 becomes U+FFFD. At most 2 GiB.
[[nodiscard]] std::wstring to_utf16(std::string_view text);
/// Half a surrogate pair becomes U+FFFD.
[[nodiscard]] std::string to_utf8(std::wstring_view text);

}  // namespace sounder::platform
