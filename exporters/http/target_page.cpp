#include "exporters/http/target_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <string>
#include <utility>

#include "exporters/text/escape.h"

namespace sounder::exporters::http {
namespace {

namespace json = boost::json;

json::value seconds(const std::optional<base::Duration>& duration) {
  return duration ? json::value(base::to_seconds(*duration)) : json::value(nullptr);
}

json::object label_object(const probe::Labels* labels) {
  json::object object;
  if (labels == nullptr) return object;
  for (const auto& [name, value] : *labels) object[name] = text::valid_utf8(value);
  return object;
}

json::object outcome_object(const probe::TargetNumbers& numbers) {
  json::object object;
  for (std::size_t i = 0; i < probe::kOutcomeKinds; ++i) {
    object[probe::to_string(static_cast<probe::OutcomeKind>(i))] = numbers.outcomes[i];
  }
  return object;
}

json::object rtt_object(const probe::TargetNumbers& numbers) {
  return {{"last_seconds", seconds(numbers.rtt_last)},
          {"smoothed_seconds", seconds(numbers.rtt_smoothed)},
          {"jitter_seconds", seconds(numbers.rtt_jitter)}};
}

/// Who sent the ICMP error that is the target's reason; null for other reasons.
json::value reporter(const probe::TargetNumbers& numbers) {
  return numbers.reporter ? json::value(numbers.reporter->to_string()) : json::value(nullptr);
}

json::value last_change(const probe::TargetNumbers& numbers) {
  if (!numbers.last_change) return nullptr;
  return base::to_seconds(numbers.last_change->time_since_epoch());
}

bool is_resolved(const probe::TargetEntry& entry) {
  const auto& resolved = entry.info->resolved;
  return entry.record && (!resolved || resolved->load(std::memory_order_relaxed));
}

json::object target_object(const probe::TargetEntry& entry, const probe::TargetNumbers& numbers) {
  const probe::TargetInfo& info = *entry.info;
  const auto reason = entry.record ? numbers.reason : probe::Reason::kUnresolved;
  return {{"group", text::valid_utf8(*info.group)},
          {"target", text::valid_utf8(info.target)},
          {"address", info.address},
          {"labels", label_object(info.labels.get())},
          {"resolved", is_resolved(entry)},
          {"state", probe::to_string(numbers.state)},
          {"reason", probe::to_string(reason)},
          {"reporter", reporter(numbers)},
          {"due", numbers.due},
          {"outcomes", outcome_object(numbers)},
          {"in_flight", numbers.in_flight},
          {"rtt", rtt_object(numbers)},
          {"consecutive_losses", numbers.consecutive_losses},
          {"last_change_timestamp_seconds", last_change(numbers)}};
}

}  // namespace

TargetPage::TargetPage(probe::Snapshot snapshot, PageQuery query)
    : BufferedSlices(kTargetBytes), snapshot_(std::move(snapshot)) {
  begin_ = at_ = std::min(query.offset, snapshot_->size());
  end_ = at_ + std::min(query.limit, snapshot_->size() - at_);
  out().append(
      fmt::format(R"({{"total":{},"offset":{},"limit":{},"targets":[)", snapshot_->size(), query.offset, query.limit));
}

void TargetPage::render_turn() {
  static const probe::TargetNumbers kNothing;
  const std::size_t turn_end = std::min(end_, at_ + kTargetsPerTurn);
  for (; at_ < turn_end && out().size() < kSliceBytes; ++at_) {
    const probe::TargetEntry& entry = (*snapshot_)[at_];
    if (entry.record) probe::read_numbers(*entry.record, numbers_);
    if (at_ != begin_) out().append(',');
    out().append(json::serialize(target_object(entry, entry.record ? numbers_ : kNothing)));
  }
  if (at_ < end_) return;
  finished_ = true;
  out().append("]}\n");
}

}  // namespace sounder::exporters::http
