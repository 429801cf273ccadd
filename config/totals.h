/// What a configuration amounts to, and whether that is allowed.
#pragma once

#include <cstddef>

#include "config/diagnostics.h"
#include "config/settings.h"

namespace sounder::config {

/// Sums over `settings.targets`; `label_bytes` are those of all distinct labels. A name counts as one target, and as
/// IPv4 unless its family is ipv6.
[[nodiscard]] Totals totals_of(const Settings& settings, std::size_t label_bytes);

/// Reports more packets a second than `engine.rate_limit`, and more probes in flight than base::kMaxInFlight if nobody
/// answers. `place` is where the limit is set, or else where the
/// groups are.
void check_totals(const Settings& settings, Position place, Diagnostics& diagnostics);

}  // namespace sounder::config
