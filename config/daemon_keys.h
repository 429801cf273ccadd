/// The parts of a configuration that are not about targets: `listen`, `user`, `engine`, `resolver`, `broker`.
#pragma once

#include <optional>

#include "config/diagnostics.h"
#include "config/map_keys.h"
#include "config/settings.h"

namespace sounder::config {

/// Keys of the root that read into `settings`. `rate_limit` becomes the place of that key's value, for the complaint
/// that it does not suffice. All three outlive the keys.
[[nodiscard]] Keys daemon_keys(Settings& settings, std::optional<Position>& rate_limit, Diagnostics& diagnostics);

}  // namespace sounder::config
