#include "engine/runtime/catalog_build.h"

#include <algorithm>
#include <iterator>
#include <utility>
#include <variant>

#include "engine/base/check.h"
#include "engine/base/limits.h"

namespace sounder::runtime {

namespace {

/// Values that are shared are compared by value only where they are not the same object.
template <class T>
bool same(const std::shared_ptr<const T>& a, const std::shared_ptr<const T>& b) {
  return a == b || (a && b && *a == *b);
}

/// Whether the series of the target would read the same.
bool same_name(const probe::TargetInfo& info, const probe::TargetSpec& spec, const WantedTarget& wanted) {
  const bool same_binding = wanted.binding == nullptr ? info.resolved == nullptr
                                                      : info.resolved == wanted.binding->resolved &&
                                                            info.resolve_errors == wanted.binding->errors;
  return same_binding && same(info.labels, spec.labels) && same(info.options, spec.options);
}

std::shared_ptr<const probe::TargetInfo> make_info(const probe::TargetSpec& spec, const WantedTarget& wanted) {
  auto info = std::make_shared<probe::TargetInfo>();
  info->group = spec.group;
  info->target = spec.target;
  info->address = wanted.address_text;
  info->labels = spec.labels;
  info->options = spec.options;
  if (wanted.binding != nullptr) {
    info->resolve_errors = wanted.binding->errors;
    info->resolved = wanted.binding->resolved;
  }
  return info;
}

std::uint64_t name_hash(const probe::TargetSpec& spec) { return identity_hash(*spec.group, spec.target, {}); }

}  // namespace

CatalogBuild::CatalogBuild(TargetSpecs specs, const std::vector<CatalogEntry>& old, const NameTable& names,
                           const InterfaceTable& interfaces)
    : specs_(std::move(specs)),
      old_(old),
      names_(names),
      interfaces_(interfaces),
      full_(true),
      phase_(Phase::kCountNames),
      dirty_(specs_->size(), true),
      kept_(old.size(), false) {
  difference_.list->reserve(specs_->size());
  difference_.entries.reserve(specs_->size());
}

CatalogBuild::CatalogBuild(TargetSpecs specs, const std::vector<CatalogEntry>& old, const NameTable& names,
                           const InterfaceTable& interfaces, Touched touched,
                           std::unordered_set<std::uint64_t> shared_names)
    : specs_(std::move(specs)),
      old_(old),
      names_(names),
      interfaces_(interfaces),
      full_(false),
      touched_(std::move(touched)),
      shared_names_(std::move(shared_names)),
      phase_(Phase::kMark),
      dirty_(specs_->size(), false),
      kept_(old.size(), false) {
  difference_.list->reserve(old.size());
  difference_.entries.reserve(old.size());
}

bool CatalogBuild::step(std::size_t budget) {
  while (phase_ != Phase::kDone) {
    if (cursor_ == length(phase_)) {
      end_phase();
      continue;
    }
    if (budget-- == 0) return false;
    handle(phase_, cursor_++);
  }
  return true;
}

Difference CatalogBuild::take() {
  SOUNDER_CHECK(phase_ == Phase::kDone);
  auto& changes = difference_.changes;
  changes.reserve(changes.size() + updates_.size() + adds_.size());
  std::move(updates_.begin(), updates_.end(), std::back_inserter(changes));
  std::move(adds_.begin(), adds_.end(), std::back_inserter(changes));
  difference_.shared_names = std::move(shared_names_);
  return std::move(difference_);
}

std::size_t CatalogBuild::length(Phase phase) const {
  return phase == Phase::kIndex || phase == Phase::kRemove ? old_.size() : specs_->size();
}

void CatalogBuild::handle(Phase phase, std::size_t index) {
  switch (phase) {
    case Phase::kCountNames:
      return count_name(index);
    case Phase::kCountAddresses:
      return count_address(index);
    case Phase::kMark:
      return mark(index);
    case Phase::kIndex:
      return index_entry(index);
    case Phase::kMatch:
      return match_spec(index);
    case Phase::kRemove:
      return remove(index);
    case Phase::kDone:
      return;
  }
}

void CatalogBuild::end_phase() {
  cursor_ = 0;
  switch (phase_) {
    case Phase::kCountNames:
      phase_ = Phase::kCountAddresses;
      return;
    case Phase::kCountAddresses:
      for (const auto& [hash, count] : name_counts_) {
        if (count > 1) shared_names_.insert(hash);
      }
      phase_ = Phase::kIndex;
      return;
    case Phase::kMark:
      phase_ = Phase::kIndex;
      return;
    case Phase::kIndex:
      phase_ = Phase::kMatch;
      return;
    case Phase::kMatch:
      phase_ = Phase::kRemove;
      return;
    case Phase::kRemove:
    case Phase::kDone:
      phase_ = Phase::kDone;
  }
}

void CatalogBuild::count_name(std::size_t spec) {
  const probe::TargetSpec& wanted = (*specs_)[spec];
  if (std::holds_alternative<probe::HostName>(wanted.host)) ++name_counts_[name_hash(wanted)];
}

void CatalogBuild::count_address(std::size_t spec) {
  const probe::TargetSpec& wanted = (*specs_)[spec];
  if (name_counts_.empty() || std::holds_alternative<probe::HostName>(wanted.host)) return;
  const auto found = name_counts_.find(name_hash(wanted));
  if (found != name_counts_.end()) ++found->second;
}

/// Specs that share a name are all looked at again when one may have changed, since the first of them wins an address.
void CatalogBuild::mark(std::size_t spec) {
  const probe::TargetSpec& wanted = (*specs_)[spec];
  const auto touched = [&](const std::string& interface) {
    return !interface.empty() && touched_.interfaces.contains(interface);
  };
  bool dirty = touched(wanted.options->interface) || shares_name(wanted);
  if (const auto* address = std::get_if<probe::HostAddress>(&wanted.host)) {
    dirty = dirty || touched(address->zone);
  } else {
    dirty = dirty || touched_.names.contains(name_key(wanted, std::get<probe::HostName>(wanted.host)));
  }
  dirty_[spec] = dirty;
}

void CatalogBuild::index_entry(std::size_t entry) {
  if (full_ || dirty_[old_[entry].spec]) index_.emplace(old_[entry].hash, static_cast<std::uint32_t>(entry));
}

void CatalogBuild::match_spec(std::size_t spec) {
  if (!dirty_[spec]) return carry_over(spec);
  expand((*specs_)[spec], names_, interfaces_, wanted_);
  for (const WantedTarget& wanted : wanted_) match(spec, wanted);
}

void CatalogBuild::carry_over(std::size_t spec) {
  while (old_cursor_ < old_.size() && old_[old_cursor_].spec < spec) ++old_cursor_;
  for (; old_cursor_ < old_.size() && old_[old_cursor_].spec == spec; ++old_cursor_) {
    if (old_[old_cursor_].record && left_out()) continue;
    kept_[old_cursor_] = true;
    append(old_[old_cursor_]);
  }
}

void CatalogBuild::match(std::size_t spec, const WantedTarget& wanted) {
  const probe::TargetSpec& target = (*specs_)[spec];
  if (shares_name(target)) {
    std::string identity = *target.group + '/' + target.target + '/' + wanted.address_text;
    if (!taken_.insert(identity).second) {
      difference_.repeated.push_back(std::move(identity));
      return;
    }
  }
  if (!wanted.address_text.empty() && left_out()) return;
  const std::uint64_t hash = identity_hash(*target.group, target.target, wanted.address_text);
  const CatalogEntry* old = find_old(hash, target, wanted.address_text);
  if (old == nullptr) return add(spec, wanted, hash);
  keep(static_cast<std::size_t>(old - old_.data()), spec, wanted);
}

/// Whether there is no room for another target. What comes first in the configuration stays.
bool CatalogBuild::left_out() {
  if (targets_ < base::kMaxTargets) return false;
  ++difference_.left_out;
  return true;
}

void CatalogBuild::keep(std::size_t old_entry, std::size_t spec, const WantedTarget& wanted) {
  const probe::TargetSpec& target = (*specs_)[spec];
  kept_[old_entry] = true;
  CatalogEntry entry = old_[old_entry];
  const bool as_before = same(entry.info->options, target.options) && entry.interface_index == wanted.interface_index &&
                         entry.scope == wanted.address.scope();
  entry.spec = static_cast<std::uint32_t>(spec);
  entry.interface_index = wanted.interface_index;
  entry.scope = wanted.address.scope();
  const auto position = static_cast<std::uint32_t>(difference_.entries.size());
  if (!same_name(*entry.info, target, wanted)) {
    entry.info = make_info(target, wanted);
    if (entry.record) difference_.renamed.push_back(position);
  }
  if (entry.record && !as_before) {
    updates_.push_back({{}, position});
    auto& change = updates_.back().change;
    change.kind = probe::TargetChange::Kind::kUpdate;
    change.record = entry.record;
    change.plan = make_plan(target, wanted, entry.hash);
  }
  append(std::move(entry));
}

void CatalogBuild::add(std::size_t spec, const WantedTarget& wanted, std::uint64_t hash) {
  const probe::TargetSpec& target = (*specs_)[spec];
  CatalogEntry entry{make_info(target, wanted), nullptr, hash, static_cast<std::uint32_t>(spec), wanted.interface_index,
                     wanted.address.scope()};
  if (!wanted.address_text.empty()) {
    adds_.push_back({{}, static_cast<std::uint32_t>(difference_.entries.size())});
    auto& change = adds_.back().change;
    change.kind = probe::TargetChange::Kind::kAdd;
    change.plan = make_plan(target, wanted, hash);
    change.record = probe::make_target_record(*change.plan);
    entry.record = change.record;
  }
  append(std::move(entry));
}

void CatalogBuild::append(CatalogEntry entry) {
  // Neighbours are of one group: its counter is looked up once.
  if (group_ == nullptr || *group_ != *entry.info->group) {
    group_ = entry.info->group.get();
    group_count_ = &difference_.by_group[*group_];
  }
  ++*group_count_;
  targets_ += entry.record ? 1U : 0U;
  difference_.list->push_back({entry.info, entry.record});
  difference_.entries.push_back(std::move(entry));
}

void CatalogBuild::remove(std::size_t old_entry) {
  if (kept_[old_entry] || !old_[old_entry].record) return;
  difference_.changes.emplace_back();
  auto& change = difference_.changes.back().change;
  change.kind = probe::TargetChange::Kind::kRemove;
  change.record = old_[old_entry].record;
}

bool CatalogBuild::shares_name(const probe::TargetSpec& spec) const {
  return !shared_names_.empty() && shared_names_.contains(name_hash(spec));
}

const CatalogEntry* CatalogBuild::find_old(std::uint64_t hash, const probe::TargetSpec& spec,
                                           const std::string& address) const {
  const auto [begin, end] = index_.equal_range(hash);
  const auto found = std::find_if(begin, end, [&](const auto& candidate) {
    const probe::TargetInfo& info = *old_[candidate.second].info;
    return *info.group == *spec.group && info.target == spec.target && info.address == address;
  });
  return found == end ? nullptr : &old_[found->second];
}

}  // namespace sounder::runtime
