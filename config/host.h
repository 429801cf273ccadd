/// The `host` of a target: one of four forms, told apart by its text.
#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <variant>

#include "config/address_range.h"
#include "engine/probe/target_spec.h"

namespace sounder::config {

using Host = std::variant<probe::HostAddress, probe::HostName, AddressRange>;

/// An address (`10.0.0.1`, `fe80::1%eth0`), a host name (RFC 1123 §2.1), a block (`10.0.0.0/24`) or a range
/// (`10.0.0.1 - 10.0.0.9`). Refuses what no echo request can be sent to. The error is a sentence.
[[nodiscard]] tl::expected<Host, std::string> parse_host(std::string_view text);

/// Whether `text` can be the name of a network interface on Linux: 1 to 15 bytes without space, `/` or control
/// characters.
[[nodiscard]] bool is_interface_name(std::string_view text);

}  // namespace sounder::config
