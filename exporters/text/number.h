/// Numbers as the text format writes them. Each function writes at `at`, into at least kMaxNumber characters of room,
/// and returns the end.
#pragma once

#include <cstddef>
#include <cstdint>

#include "engine/base/time.h"

namespace sounder::exporters::text {

inline constexpr std::size_t kMaxNumber = 32;

[[nodiscard]] char* write_count(char* at, std::uint64_t value);
/// The shortest text that reads back as the same value, with an exponent where Go's clients have one (5e-05, but
/// 0.0001), so that the label `le` is spelled as elsewhere; NaN, +Inf and -Inf as the format spells them.
[[nodiscard]] char* write_value(char* at, double value);
/// Exactly, in seconds: 0.000314159.
[[nodiscard]] char* write_seconds(char* at, base::Duration value);

}  // namespace sounder::exporters::text
