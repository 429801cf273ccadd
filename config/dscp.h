/// Differentiated Services code points, by number and by name.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace sounder::config {

/// 0 to 63, or a name in any letter case: be, cs0 to cs7, af11 to af43, ef, va, le (RFC 2474, 2597, 3246, 5865, 8622).
[[nodiscard]] std::optional<std::uint8_t> parse_dscp(std::string_view text);

}  // namespace sounder::config
