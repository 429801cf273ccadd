#include "exporters/text/families.h"

#include <array>
#include <cmath>
#include <limits>
#include <string>

#include "engine/base/check.h"

namespace sounder::exporters::text {
namespace {

/// The last labels of a counter that has one series for each value of an enumeration.
template <class Kind, std::size_t kKinds>
std::array<std::string, kKinds> label_texts(std::string_view label) {
  std::array<std::string, kKinds> texts;
  for (std::size_t i = 0; i < kKinds; ++i) texts[i] = last_label(label, probe::to_string(static_cast<Kind>(i)));
  return texts;
}

void render_due(const TargetView& view, SeriesWriter& out) {
  out.name(metric::kProbesDue.name);
  out.count(kNoMoreLabels, view.accounts.due);
}

void render_outcomes(const TargetView& view, SeriesWriter& out) {
  static const auto texts = label_texts<probe::OutcomeKind, probe::kOutcomeKinds>("outcome");
  out.name(metric::kProbes.name);
  for (std::size_t i = 0; i < texts.size(); ++i) out.count(texts[i], view.accounts.outcomes[i]);
}

void render_in_flight(const TargetView& view, SeriesWriter& out) {
  out.name(metric::kProbesInFlight.name);
  out.count(kNoMoreLabels, view.accounts.in_flight);
}

void render_strays(const TargetView& view, SeriesWriter& out) {
  static const auto texts = label_texts<probe::StrayKind, probe::kStrayKinds>("kind");
  out.name(metric::kStrayReplies.name);
  for (std::size_t i = 0; i < texts.size(); ++i) out.count(texts[i], view.numbers.strays[i]);
}

void render_reordered(const TargetView& view, SeriesWriter& out) {
  out.name(metric::kReorderedReplies.name);
  out.count(kNoMoreLabels, view.numbers.reordered);
}

void render_icmp_errors(const TargetView& view, SeriesWriter& out) {
  for (const probe::IcmpErrorCount& error : view.numbers.icmp_errors) {
    if (error.count == 0) continue;
    out.name(metric::kIcmpErrors.name);
    out.count(",type=\"" + std::to_string(error.type) + "\"" + last_label("code", std::to_string(error.code)),
              error.count);
  }
}

void render_resolve_errors(const TargetView& view, SeriesWriter& out) {
  const auto& errors = view.entry.info->resolve_errors;
  out.name(metric::kResolveErrors.name);
  out.count(kNoMoreLabels, errors ? errors->load(std::memory_order_relaxed) : 0);
}

/// Between a reload that changes a target's bounds and the engine's answer to it, the record still counts by the old
/// ones. What they count can't be told in the new ones: the histogram is empty, as it will be then.
bool has_bounds(const probe::TargetNumbers& numbers, std::size_t buckets) { return numbers.bucket_count == buckets; }

void render_rtt(const TargetView& view, SeriesWriter& out) {
  static const std::string bucket_name = std::string(metric::kRtt.name) + "_bucket";
  static const std::string sum_name = std::string(metric::kRtt.name) + "_sum";
  static const std::string count_name = std::string(metric::kRtt.name) + "_count";
  const auto& texts = view.bucket_texts.of(view.entry.info->options.get());
  const bool counted = has_bounds(view.numbers, texts.size());
  std::uint64_t cumulative = 0;
  out.name(bucket_name);
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (counted) cumulative += view.numbers.buckets[i];
    out.count(texts[i], cumulative);
  }
  out.name(sum_name);
  out.value(kNoMoreLabels, counted ? view.numbers.rtt_sum_seconds : 0);
  out.name(count_name);
  out.count(kNoMoreLabels, cumulative);
}

void render_rtt_last(const TargetView& view, SeriesWriter& out) {
  out.name(metric::kRttLast.name);
  out.seconds(kNoMoreLabels, view.numbers.rtt_last);
}

void render_rtt_smoothed(const TargetView& view, SeriesWriter& out) {
  out.name(metric::kRttSmoothed.name);
  out.seconds(kNoMoreLabels, view.numbers.rtt_smoothed);
}

void render_rtt_jitter(const TargetView& view, SeriesWriter& out) {
  out.name(metric::kRttJitter.name);
  out.seconds(kNoMoreLabels, view.numbers.rtt_jitter);
}

void render_reply_ttl(const TargetView& view, SeriesWriter& out) {
  const auto& ttl = view.numbers.reply_ttl;
  out.name(metric::kReplyTtl.name);
  out.value(kNoMoreLabels, ttl ? static_cast<double>(*ttl) : std::numeric_limits<double>::quiet_NaN());
}

double up_value(probe::TargetState state) {
  if (state == probe::TargetState::kUp) return 1;
  return state == probe::TargetState::kDown ? 0 : std::numeric_limits<double>::quiet_NaN();
}

void render_up(const TargetView& view, SeriesWriter& out) {
  out.name(metric::kTargetUp.name);
  out.value(kNoMoreLabels, up_value(view.numbers.state));
}

void render_state(const TargetView& view, SeriesWriter& out) {
  const auto reason = view.entry.record ? view.numbers.reason : probe::Reason::kUnresolved;
  std::string labels = ",state=\"";
  labels += probe::to_string(view.numbers.state);
  labels += '"';
  const auto& reporter = view.numbers.reporter;
  if (reporter) {
    labels += ",reason=\"";
    labels += probe::to_string(reason);
    labels += '"';
    labels += last_label("reporter", reporter->to_string());
  } else {
    labels += last_label("reason", probe::to_string(reason));
  }
  out.name(metric::kTargetState.name);
  out.count(labels, 1);
}

void render_resolved(const TargetView& view, SeriesWriter& out) {
  const auto& resolved = view.entry.info->resolved;
  const bool is_resolved = view.entry.record && (!resolved || resolved->load(std::memory_order_relaxed));
  out.name(metric::kTargetResolved.name);
  out.count(kNoMoreLabels, is_resolved ? 1 : 0);
}

void render_losses(const TargetView& view, SeriesWriter& out) {
  out.name(metric::kConsecutiveLosses.name);
  out.count(kNoMoreLabels, view.numbers.consecutive_losses);
}

void render_last_change(const TargetView& view, SeriesWriter& out) {
  const auto& change = view.numbers.last_change;
  out.name(metric::kLastChange.name);
  out.seconds(kNoMoreLabels, change ? std::optional(change->time_since_epoch()) : std::nullopt);
}

constexpr std::array kFamilies{
    Family{&metric::kProbesDue, Reads::kNothing, render_due},
    Family{&metric::kProbes, Reads::kNothing, render_outcomes},
    Family{&metric::kProbesInFlight, Reads::kNothing, render_in_flight},
    Family{&metric::kStrayReplies, Reads::kState, render_strays},
    Family{&metric::kReorderedReplies, Reads::kState, render_reordered},
    Family{&metric::kIcmpErrors, Reads::kState, render_icmp_errors},
    Family{&metric::kResolveErrors, Reads::kNothing, render_resolve_errors},
    Family{&metric::kRtt, Reads::kHistogram, render_rtt},
    Family{&metric::kRttLast, Reads::kState, render_rtt_last},
    Family{&metric::kRttSmoothed, Reads::kState, render_rtt_smoothed},
    Family{&metric::kRttJitter, Reads::kState, render_rtt_jitter},
    Family{&metric::kReplyTtl, Reads::kState, render_reply_ttl},
    Family{&metric::kTargetUp, Reads::kState, render_up},
    Family{&metric::kTargetState, Reads::kState, render_state},
    Family{&metric::kTargetResolved, Reads::kNothing, render_resolved},
    Family{&metric::kConsecutiveLosses, Reads::kState, render_losses},
    Family{&metric::kLastChange, Reads::kState, render_last_change},
};
static_assert(kFamilies.size() == kTargetMetrics.size());

}  // namespace

std::span<const Family> families() { return kFamilies; }

}  // namespace sounder::exporters::text
