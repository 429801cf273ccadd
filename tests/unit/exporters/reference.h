/// The same metrics by prometheus-cpp's own path: what the streamed exposition is held equal to, and measured against.
#pragma once

#include <prometheus/metric_family.h>

#include <vector>

#include "engine/probe/snapshot.h"

namespace sounder::exporters::testing {

/// One family for each of kTargetMetrics, built from each target's numbers.
[[nodiscard]] std::vector<prometheus::MetricFamily> reference_families(const probe::TargetList& targets);

}  // namespace sounder::exporters::testing
