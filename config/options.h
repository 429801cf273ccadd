/// The options of probes: their keys, bounds and meanings.
#pragma once

#include "config/diagnostics.h"
#include "config/map_keys.h"
#include "engine/probe/target_spec.h"

namespace sounder::config {

/// A key for every option, each reading into `options` and reporting to `diagnostics`; both outlive the keys.
[[nodiscard]] Keys option_keys(probe::ProbeOptions& options, Diagnostics& diagnostics);

}  // namespace sounder::config
