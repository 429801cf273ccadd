/// The broker's numbers as Prometheus has them.
#pragma once

#include <prometheus/metric_family.h>

#include <vector>

#include "exporters/daemon_status.h"

namespace sounder::exporters::registry {

void add_broker(std::vector<prometheus::MetricFamily>& families, const BrokerNumbers& broker);

}  // namespace sounder::exporters::registry
