#include "exporters/text/target_exposition.h"

#include <algorithm>
#include <utility>

namespace sounder::exporters::text {

TargetExposition::TargetExposition(probe::Snapshot snapshot)
    : BufferedSlices(kBlockBytes), snapshot_(std::move(snapshot)), series_(out()) {
  accounts_.reserve(snapshot_->size());
}

void TargetExposition::render_turn() {
  if (accounts_.size() < snapshot_->size()) return take_accounts();
  render_series();
}

void TargetExposition::take_accounts() {
  const std::size_t end = std::min(snapshot_->size(), accounts_.size() + kAccountsPerTurn);
  while (accounts_.size() < end) {
    const auto& record = (*snapshot_)[accounts_.size()].record;
    accounts_.push_back(record ? probe::read_accounts(*record) : probe::TargetAccounts{});
  }
}

void TargetExposition::render_series() {
  std::size_t targets = 0;
  while (!rendered_all() && out().size() < kSliceBytes && targets < kTargetsPerTurn) {
    const Family& family = families()[family_];
    if (target_ == 0) render_header(*family.metric);
    if (target_ < snapshot_->size()) {
      render_target(family);
      ++target_;
      ++targets;
    }
    if (target_ < snapshot_->size()) continue;
    target_ = 0;
    ++family_;
  }
}

void TargetExposition::render_header(const Metric& metric) {
  out().append("# HELP ");
  out().append(metric.name);
  out().append(' ');
  out().append(metric.help);
  out().append("\n# TYPE ");
  out().append(metric.name);
  out().append(' ');
  out().append(to_string(metric.type));
  out().append('\n');
}

void TargetExposition::render_target(const Family& family) {
  static const probe::TargetNumbers kNothing;
  const probe::TargetEntry& entry = (*snapshot_)[target_];
  const Reads reads = entry.record ? family.reads : Reads::kNothing;
  if (reads == Reads::kState) probe::read_without_histogram(*entry.record, numbers_);
  if (reads == Reads::kHistogram) probe::read_numbers(*entry.record, numbers_);
  series_.target(*entry.info);
  family.render({entry, accounts_[target_], reads == Reads::kNothing ? kNothing : numbers_, bucket_texts_}, series_);
}

}  // namespace sounder::exporters::text
