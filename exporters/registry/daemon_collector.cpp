#include "exporters/registry/daemon_collector.h"

#include <prometheus/text_serializer.h>

#include <atomic>
#include <limits>
#include <span>
#include <sstream>
#include <string_view>
#include <utility>

#include "exporters/metrics.h"
#include "exporters/registry/broker_families.h"
#include "exporters/registry/family.h"
#include "exporters/text/escape.h"

namespace sounder::exporters::registry {
namespace {

using prometheus::MetricFamily;

double load(const std::atomic<std::uint64_t>& number) {
  return static_cast<double>(number.load(std::memory_order_relaxed));
}

MetricFamily histogram(const Metric& metric, const probe::DurationHistogram& source) {
  MetricFamily family = family_of(metric);
  auto& out = family.metric.emplace_back().histogram;
  std::uint64_t cumulative = 0;
  for (std::size_t i = 0; i < source.counts.size(); ++i) {
    cumulative += source.counts[i].load(std::memory_order_relaxed);
    const bool last = i == probe::DurationHistogram::kBounds;
    out.bucket.push_back({cumulative, last ? std::numeric_limits<double>::infinity()
                                           : base::to_seconds(probe::DurationHistogram::bound(i))});
  }
  out.sample_count = cumulative;
  out.sample_sum = load(source.sum_ns) / 1e9;
  return family;
}

MetricFamily send_errors(const probe::EngineNumbers& engine) {
  MetricFamily family = family_of(metric::kSendErrors);
  for (std::size_t i = 0; i < engine.send_errors.size(); ++i) {
    const auto failure = static_cast<wire::SendFailure>(i);
    if (failure == wire::SendFailure::kNone) continue;
    add(family, {{"reason", wire::to_string(failure)}}, load(engine.send_errors[i]));
  }
  return family;
}

MetricFamily parse_errors(const probe::EngineNumbers& engine) {
  MetricFamily family = family_of(metric::kParseErrors);
  for (std::size_t i = 0; i < engine.parse_errors.size(); ++i) {
    add(family, {{"reason", to_string(static_cast<probe::ParseFailure>(i))}}, load(engine.parse_errors[i]));
  }
  return family;
}

MetricFamily rtt_stamps(const probe::EngineNumbers& engine) {
  static constexpr std::array kSources{"kernel", "user"};
  MetricFamily family = family_of(metric::kRttStamps);
  for (std::size_t tx = 0; tx < kSources.size(); ++tx) {
    for (std::size_t rx = 0; rx < kSources.size(); ++rx) {
      add(family, {{"tx", kSources[tx]}, {"rx", kSources[rx]}}, load(engine.rtt_stamps[tx][rx]));
    }
  }
  return family;
}

template <class Kind>
MetricFamily echoes(const Metric& metric, const char* label, std::span<const std::atomic<std::uint64_t>> counts) {
  MetricFamily family = family_of(metric);
  for (std::size_t i = 0; i < counts.size(); ++i) {
    add(family, {{label, probe::to_string(static_cast<Kind>(i))}}, load(counts[i]));
  }
  return family;
}

MetricFamily targets(const std::map<std::string, std::size_t>& by_group) {
  MetricFamily family = family_of(metric::kTargets);
  for (const auto& [group, count] : by_group) add(family, {{"group", text::valid_utf8(group)}}, to_double(count));
  return family;
}

MetricFamily http_refused(const HttpNumbers& http) {
  MetricFamily family = family_of(metric::kHttpRefused);
  add(family, {{"reason", "connections"}}, to_double(http.refused_connections));
  add(family, {{"reason", "scrapes"}}, to_double(http.refused_scrapes));
  return family;
}

MetricFamily build_info(const std::string& version) {
  MetricFamily family = family_of(metric::kBuildInfo);
  add(family, {{"version", version}}, 1);
  return family;
}

void add_engine(std::vector<MetricFamily>& families, const probe::EngineNumbers& engine) {
  families.push_back(histogram(metric::kCycle, engine.cycle));
  families.push_back(
      single(metric::kCycleMax, base::to_seconds(base::Duration(engine.cycle_max_ns.load(std::memory_order_relaxed)))));
  families.push_back(histogram(metric::kSendLateness, engine.send_lateness));
  families.push_back(single(metric::kOverflows, load(engine.receive_queue_overflows)));
  families.push_back(send_errors(engine));
  families.push_back(single(metric::kUnmatched, load(engine.unmatched_packets)));
  families.push_back(parse_errors(engine));
  families.push_back(rtt_stamps(engine));
  families.push_back(echoes<probe::OutcomeKind>(metric::kEchoes, "outcome", engine.echo_outcomes));
  families.push_back(echoes<probe::StrayKind>(metric::kEchoStrays, "kind", engine.echo_strays));
}

void add_network(std::vector<MetricFamily>& families, const NetworkNumbers& network) {
  MetricFamily objects = family_of(metric::kNetworkObjects);
  add(objects, {{"kind", "interface"}}, to_double(network.interfaces));
  add(objects, {{"kind", "address"}}, to_double(network.addresses));
  add(objects, {{"kind", "route"}}, to_double(network.routes));
  families.push_back(std::move(objects));
  families.push_back(single(metric::kNetworkUpdates, to_double(network.updates)));
  families.push_back(single(metric::kNetworkOverruns, to_double(network.overruns)));
  families.push_back(single(metric::kNetworkResyncs, to_double(network.resyncs)));
  families.push_back(single(metric::kNetworkPolling, network.polling ? 1.0 : 0.0));
  families.push_back(single(metric::kNetworkTombstones, to_double(network.tombstones)));
}

void add_process(std::vector<MetricFamily>& families, const base::ProcessNumbers& process) {
  families.push_back(single(metric::kProcessCpu, process.cpu_seconds));
  families.push_back(single(metric::kProcessOpenFds, to_double(process.open_fds)));
  families.push_back(single(metric::kProcessMaxFds, to_double(process.max_fds)));
  families.push_back(single(metric::kProcessVirtual, to_double(process.virtual_bytes)));
  families.push_back(single(metric::kProcessResident, to_double(process.resident_bytes)));
  families.push_back(single(metric::kProcessStart, process.start_time_seconds));
}

}  // namespace

std::vector<MetricFamily> DaemonCollector::Collect() const {
  const ReloadStatus reload = status_.reload_status();
  std::vector<MetricFamily> families;
  families.push_back(build_info(status_.version));
  families.push_back(single(metric::kReloadSuccessful, reload.last_successful ? 1 : 0));
  families.push_back(single(metric::kReloadTime, base::to_seconds(reload.last_success.time_since_epoch())));
  families.push_back(targets(status_.targets_by_group()));
  add_engine(families, *status_.engine);
  families.push_back(single(metric::kMismatches, to_double(status_.accounting_mismatches())));
  add_network(families, status_.network());
  add_broker(families, status_.broker());
  families.push_back(single(metric::kHttpConnections, to_double(http_.connections)));
  families.push_back(single(metric::kHttpScrapes, to_double(http_.scrapes)));
  families.push_back(http_refused(http_));
  add_process(families, status_.process());
  return families;
}

std::string daemon_exposition(const DaemonStatus& status, const HttpNumbers& http) {
  std::ostringstream out;
  prometheus::TextSerializer().Serialize(out, DaemonCollector(status, http).Collect());
  return std::move(out).str();
}

}  // namespace sounder::exporters::registry
