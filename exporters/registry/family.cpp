#include "exporters/registry/family.h"

#include <string>

namespace sounder::exporters::registry {
namespace {

prometheus::MetricType to_prometheus(MetricType type) {
  switch (type) {
    case MetricType::kCounter:
      return prometheus::MetricType::Counter;
    case MetricType::kGauge:
      return prometheus::MetricType::Gauge;
    case MetricType::kHistogram:
      return prometheus::MetricType::Histogram;
  }
  return prometheus::MetricType::Untyped;
}

}  // namespace

prometheus::MetricFamily family_of(const Metric& metric) {
  return {std::string(metric.name), std::string(metric.help), to_prometheus(metric.type), {}};
}

void add(prometheus::MetricFamily& family, Labels labels, double value) {
  prometheus::ClientMetric& metric = family.metric.emplace_back();
  metric.label = std::move(labels);
  if (family.type == prometheus::MetricType::Counter) {
    metric.counter.value = value;
  } else {
    metric.gauge.value = value;
  }
}

prometheus::MetricFamily single(const Metric& metric, double value) {
  prometheus::MetricFamily family = family_of(metric);
  add(family, {}, value);
  return family;
}

}  // namespace sounder::exporters::registry
