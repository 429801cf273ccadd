/// Filling in prometheus-cpp's families from the table of metrics.
#pragma once

#include <prometheus/metric_family.h>

#include <cstdint>
#include <utility>
#include <vector>

#include "exporters/metrics.h"

namespace sounder::exporters::registry {

using Labels = std::vector<prometheus::ClientMetric::Label>;

[[nodiscard]] prometheus::MetricFamily family_of(const Metric& metric);
/// One more series of a counter or a gauge.
void add(prometheus::MetricFamily& family, Labels labels, double value);
/// A family of one series without labels.
[[nodiscard]] prometheus::MetricFamily single(const Metric& metric, double value);

[[nodiscard]] constexpr double to_double(std::uint64_t number) { return static_cast<double>(number); }

}  // namespace sounder::exporters::registry
