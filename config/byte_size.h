/// Sizes of memory: `64MiB`, `512KiB`, `65536`.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

namespace sounder::config {

/// A whole number of bytes, or of KiB, MiB or GiB. The error follows the text: "is not a size".
[[nodiscard]] tl::expected<std::uint64_t, std::string> parse_byte_size(std::string_view text);

/// With the largest unit that leaves nothing over.
[[nodiscard]] std::string format_byte_size(std::uint64_t bytes);

}  // namespace sounder::config
