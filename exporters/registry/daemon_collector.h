/// The daemon's own metrics, in prometheus-cpp's terms.
#pragma once

#include <prometheus/collectable.h>
#include <prometheus/metric_family.h>

#include <string>
#include <vector>

#include "exporters/daemon_status.h"
#include "exporters/http_numbers.h"

namespace sounder::exporters::registry {

/// Reads everything anew at each Collect(), on the service thread. Borrows both; gives one family for each of
/// kDaemonMetrics, in the same order.
class DaemonCollector final : public prometheus::Collectable {
 public:
  DaemonCollector(const DaemonStatus& status, const HttpNumbers& http) : status_(status), http_(http) {}

  [[nodiscard]] std::vector<prometheus::MetricFamily> Collect() const override;

 private:
  const DaemonStatus& status_;
  const HttpNumbers& http_;
};

/// The same as text, by prometheus-cpp's serializer.
[[nodiscard]] std::string daemon_exposition(const DaemonStatus& status, const HttpNumbers& http);

}  // namespace sounder::exporters::registry
