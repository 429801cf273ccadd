#include "exporters/registry/broker_families.h"

#include <cstddef>
#include <limits>
#include <span>

#include "exporters/metrics.h"
#include "exporters/registry/family.h"

namespace sounder::exporters::registry {
namespace {

using broker::Statistics;
using prometheus::MetricFamily;

/// One series for each of an enumeration's values.
template <class Kind>
MetricFamily by(const Metric& metric, const char* label, std::span<const std::uint64_t> values) {
  MetricFamily family = family_of(metric);
  for (std::size_t i = 0; i < values.size(); ++i) {
    add(family, {{label, to_string(static_cast<Kind>(i))}}, to_double(values[i]));
  }
  return family;
}

MetricFamily by_resource_and_level(const Metric& metric, const broker::ByLevel& values) {
  MetricFamily family = family_of(metric);
  for (std::size_t resource = 0; resource < broker::kResources; ++resource) {
    for (std::size_t level = 0; level < broker::kLevels; ++level) {
      add(family,
          {{"resource", to_string(static_cast<broker::Resource>(resource))},
           {"level", to_string(static_cast<broker::Level>(level))}},
          to_double(values[level][resource]));
    }
  }
  return family;
}

MetricFamily reclaim(const broker::ReclaimHistogram& source) {
  MetricFamily family = family_of(metric::kBrokerReclaim);
  auto& out = family.metric.emplace_back().histogram;
  std::uint64_t cumulative = 0;
  double bound = 1e-4;
  for (std::size_t i = 0; i < source.counts.size(); ++i, bound *= 2) {
    cumulative += source.counts[i];
    const bool last = i == broker::ReclaimHistogram::kBounds;
    out.bucket.push_back({cumulative, last ? std::numeric_limits<double>::infinity() : bound});
  }
  out.sample_count = cumulative;
  out.sample_sum = source.sum_seconds;
  return family;
}

}  // namespace

void add_broker(std::vector<MetricFamily>& families, const BrokerNumbers& numbers) {
  const Statistics& is = numbers.statistics;
  families.push_back(single(metric::kBrokerClients, to_double(is.clients)));
  families.push_back(single(metric::kBrokerParked, to_double(is.parked)));
  families.push_back(single(metric::kBrokerReclaiming, to_double(is.reclaiming)));
  families.push_back(by<broker::RegistrationKind>(metric::kBrokerRegistrations, "kind", is.registrations));
  families.push_back(by_resource_and_level(metric::kBrokerCharged, numbers.charged));
  families.push_back(by_resource_and_level(metric::kBrokerLimit, numbers.limits));
  families.push_back(single(metric::kBrokerAccepted, to_double(is.accepted)));
  families.push_back(single(metric::kBrokerAcceptErrors, to_double(numbers.accept_errors)));
  families.push_back(single(metric::kBrokerUnwatched, to_double(numbers.unwatched)));
  families.push_back(by<broker::CloseReason>(metric::kBrokerClosed, "reason", is.closed));
  families.push_back(by_resource_and_level(metric::kBrokerRefused, is.refusals));
  families.push_back(single(metric::kBrokerNotPermitted, to_double(is.not_permitted)));
  families.push_back(single(metric::kBrokerEchoes, to_double(is.echoes)));
  families.push_back(single(metric::kBrokerGaps, to_double(is.gaps)));
  families.push_back(single(metric::kBrokerMissed, to_double(is.missed)));
  families.push_back(reclaim(is.reclaim));
  families.push_back(single(metric::kBrokerSelfCheck, static_cast<double>(is.self_check)));
}

}  // namespace sounder::exporters::registry
