/// Durations as Prometheus writes them: `500ms`, `1m30s`, `0`.
#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "engine/base/time.h"

namespace sounder::config {

/// One or more whole numbers with the units y (365d), w, d, h, m, s, ms, us (also µs), ns, largest first, each at most
/// once; or `0`. The error is what is wrong with it, to follow the text: "has no unit; write 5s or 5ms".
[[nodiscard]] tl::expected<base::Duration, std::string> parse_duration(std::string_view text);

/// The shortest text that parse_duration() reads as `duration`, which is not negative. Years and weeks only where they
/// are exact, as Prometheus does: 90d is easier to read than 12w6d.
[[nodiscard]] std::string format_duration(base::Duration duration);

}  // namespace sounder::config
