#include "tests/unit/exporters/reference.h"

#include <limits>
#include <string>

namespace sounder::exporters::testing {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;
using Labels = std::vector<ClientMetric::Label>;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

Labels labels_of(const probe::TargetInfo& info) {
  Labels labels{{"group", *info.group}, {"target", info.target}, {"address", info.address}};
  for (const auto& [name, value] : *info.labels) labels.push_back({name, value});
  return labels;
}

Labels with(Labels labels, const std::string& name, const std::string& value) {
  labels.push_back({name, value});
  return labels;
}

class Families {
 public:
  void add(const probe::TargetEntry& entry);
  [[nodiscard]] std::vector<MetricFamily> take() { return std::move(families_); }

 private:
  MetricFamily& family(const char* name, MetricType type) {
    for (MetricFamily& known : families_) {
      if (known.name == name) return known;
    }
    return families_.emplace_back(MetricFamily{name, "Help.", type, {}});
  }
  void counter(const char* name, const Labels& labels, std::uint64_t value) {
    ClientMetric& metric = family(name, MetricType::Counter).metric.emplace_back();
    metric.label = labels;
    metric.counter.value = static_cast<double>(value);
  }
  void gauge(const char* name, const Labels& labels, double value) {
    ClientMetric& metric = family(name, MetricType::Gauge).metric.emplace_back();
    metric.label = labels;
    metric.gauge.value = value;
  }
  void counters(const Labels& labels, const probe::TargetNumbers& numbers);
  void gauges(const Labels& labels, const probe::TargetNumbers& numbers);
  void histogram(const Labels& labels, const probe::TargetNumbers& numbers, const probe::Buckets& bounds);

  std::vector<MetricFamily> families_;
};

void Families::counters(const Labels& labels, const probe::TargetNumbers& numbers) {
  counter("sounder_probes_due_total", labels, numbers.due);
  for (std::size_t i = 0; i < probe::kOutcomeKinds; ++i) {
    const char* outcome = probe::to_string(static_cast<probe::OutcomeKind>(i));
    counter("sounder_probes_total", with(labels, "outcome", outcome), numbers.outcomes[i]);
  }
  for (std::size_t i = 0; i < probe::kStrayKinds; ++i) {
    const char* kind = probe::to_string(static_cast<probe::StrayKind>(i));
    counter("sounder_stray_replies_total", with(labels, "kind", kind), numbers.strays[i]);
  }
  counter("sounder_reordered_replies_total", labels, numbers.reordered);
  for (const auto& error : numbers.icmp_errors) {
    if (error.count == 0) continue;
    counter("sounder_icmp_errors_total",
            with(with(labels, "type", std::to_string(error.type)), "code", std::to_string(error.code)), error.count);
  }
}

void Families::gauges(const Labels& labels, const probe::TargetNumbers& numbers) {
  const auto seconds = [](const auto& value) { return value ? base::to_seconds(*value) : kNan; };
  const bool up = numbers.state == probe::TargetState::kUp;
  gauge("sounder_probes_in_flight", labels, static_cast<double>(numbers.in_flight));
  gauge("sounder_rtt_last_seconds", labels, seconds(numbers.rtt_last));
  gauge("sounder_rtt_smoothed_seconds", labels, seconds(numbers.rtt_smoothed));
  gauge("sounder_rtt_jitter_seconds", labels, seconds(numbers.rtt_jitter));
  gauge("sounder_reply_ttl", labels, numbers.reply_ttl ? *numbers.reply_ttl : kNan);
  gauge("sounder_target_up", labels, up ? 1 : (numbers.state == probe::TargetState::kDown ? 0 : kNan));
  gauge("sounder_target_consecutive_losses", labels, numbers.consecutive_losses);
  gauge("sounder_target_last_change_timestamp_seconds", labels,
        numbers.last_change ? base::to_seconds(numbers.last_change->time_since_epoch()) : kNan);
}

void Families::histogram(const Labels& labels, const probe::TargetNumbers& numbers, const probe::Buckets& bounds) {
  ClientMetric& metric = family("sounder_rtt_seconds", MetricType::Histogram).metric.emplace_back();
  metric.label = labels;
  std::uint64_t cumulative = 0;
  for (std::size_t i = 0; i < bounds.size() + 1; ++i) {
    cumulative += numbers.buckets[i];
    const double bound = i < bounds.size() ? base::to_seconds(bounds[i]) : std::numeric_limits<double>::infinity();
    metric.histogram.bucket.push_back({cumulative, bound});
  }
  metric.histogram.sample_count = cumulative;
  metric.histogram.sample_sum = numbers.rtt_sum_seconds;
}

void Families::add(const probe::TargetEntry& entry) {
  probe::TargetNumbers numbers;
  if (entry.record) probe::read_numbers(*entry.record, numbers);
  const Labels labels = labels_of(*entry.info);
  const auto& errors = entry.info->resolve_errors;
  const auto& resolved = entry.info->resolved;
  counters(labels, numbers);
  counter("sounder_resolve_errors_total", labels, errors ? errors->load() : 0);
  histogram(labels, numbers, entry.info->options->buckets);
  gauges(labels, numbers);
  const probe::Reason reason = entry.record ? numbers.reason : probe::Reason::kUnresolved;
  Labels state = with(with(labels, "state", probe::to_string(numbers.state)), "reason", probe::to_string(reason));
  if (numbers.reporter) state = with(state, "reporter", numbers.reporter->to_string());
  gauge("sounder_target_state_info", state, 1);
  gauge("sounder_target_resolved", labels, entry.record && (!resolved || resolved->load()) ? 1 : 0);
}

}  // namespace

std::vector<MetricFamily> reference_families(const probe::TargetList& targets) {
  Families families;
  for (const probe::TargetEntry& entry : targets) families.add(entry);
  return families.take();
}

}  // namespace sounder::exporters::testing
