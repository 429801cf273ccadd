/// What `sounder check` prints of a configuration: what it expands to, or everything that is wrong with it.
#pragma once

#include <string>

#include "config/load.h"

namespace sounder::app {

/// For a configuration without errors: targets by group, rates and memory, a line each.
[[nodiscard]] std::string check_report(const config::Settings& settings);

/// "72 B", "1.5 MiB": at most one decimal.
[[nodiscard]] std::string bytes_text(std::size_t bytes);
/// "840 bit/s", "8.4 Mbit/s"
[[nodiscard]] std::string bit_rate_text(double bits_per_second);

}  // namespace sounder::app
