/// Where the daemon listens: `127.0.0.1:19719`, `[::1]:0`.
#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "config/settings.h"

namespace sounder::config {

/// An address, IPv6 in brackets, and a port; port 0 lets the system choose. The error is a sentence.
[[nodiscard]] tl::expected<ListenAddress, std::string> parse_listen(std::string_view text);

}  // namespace sounder::config
