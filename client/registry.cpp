#include "client/registry.h"

#include <algorithm>
#include <iterator>

namespace sounder::client {
namespace {

/// About what a registration adds to a message.
std::size_t wire_bytes(const Spec& spec) {
  constexpr std::size_t kWatch = 2;
  constexpr std::size_t kMonitor = 72;
  constexpr std::size_t kTable = 40;
  if (std::holds_alternative<WatchSpec>(spec)) return kWatch;
  if (std::holds_alternative<MonitorOptions>(spec)) return kMonitor;
  const auto& filter = std::get<OutcomesFilter>(spec);
  return kTable + filter.group.size() + filter.target.size();
}

}  // namespace

void Registry::add(RegistrationKey key, Spec spec) {
  entries_.emplace(key, State{.spec = std::move(spec)});
  if (batches_.empty() || batches_.back().size() >= kMaxBatch) batches_.emplace_back();
  batches_.back().push_back(key);
}

void Registry::remove(RegistrationKey key) {
  const auto found = entries_.find(key);
  if (found == entries_.end()) return;
  if (found->second.id != 0) {
    take_out(key, found->second);
    to_unregister_.push_back(found->second.id);
  }
  entries_.erase(found);
}

void Registry::forget_connection() {
  batches_.clear();
  asked_.clear();
  to_unregister_.clear();
  watches_.clear();
  monitors_.clear();
  outcomes_.clear();
  for (auto& [key, state] : entries_) {
    state.id = 0;
    if (batches_.empty() || batches_.back().size() >= kMaxBatch) batches_.emplace_back();
    batches_.back().push_back(key);
  }
}

std::vector<Registry::Entry> Registry::take_batch(std::uint32_t correlation) {
  std::vector<Entry> batch;
  std::size_t bytes = 0;
  while (batch.empty() && !batches_.empty()) {
    std::vector<RegistrationKey> wanted = std::move(batches_.front());
    batches_.pop_front();
    auto next = wanted.begin();
    for (; next != wanted.end() && bytes < kMaxBatchBytes; ++next) {
      const auto found = entries_.find(*next);
      if (found == entries_.end()) continue;
      batch.push_back({*next, found->second.spec});
      bytes += wire_bytes(found->second.spec);
    }
    if (next != wanted.end()) batches_.emplace_front(next, wanted.end());
  }
  if (batch.empty()) return batch;
  std::stable_sort(batch.begin(), batch.end(),
                   [](const Entry& left, const Entry& right) { return left.spec.index() < right.spec.index(); });
  std::vector<RegistrationKey>& keys = asked_[correlation];
  std::transform(batch.begin(), batch.end(), std::back_inserter(keys), [](const Entry& entry) { return entry.key; });
  return batch;
}

std::vector<std::uint64_t> Registry::take_unregister() {
  const auto count = static_cast<std::ptrdiff_t>(std::min(to_unregister_.size(), kMaxUnregister));
  std::vector<std::uint64_t> ids(to_unregister_.begin(), to_unregister_.begin() + count);
  to_unregister_.erase(to_unregister_.begin(), to_unregister_.begin() + count);
  return ids;
}

bool Registry::registered(std::uint32_t correlation, const std::vector<std::uint64_t>& ids,
                          std::vector<RegistrationKey>& keys) {
  const auto found = asked_.find(correlation);
  if (found == asked_.end() || found->second.size() != ids.size()) return false;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const RegistrationKey key = found->second[i];
    const auto entry = entries_.find(key);
    if (entry == entries_.end()) {
      to_unregister_.push_back(ids[i]);
    } else {
      put_in_place(key, entry->second, ids[i]);
      keys.push_back(key);
    }
  }
  asked_.erase(found);
  return true;
}

bool Registry::refused(std::uint32_t correlation, std::vector<RegistrationKey>& keys) {
  const auto found = asked_.find(correlation);
  if (found == asked_.end()) return false;
  std::vector<RegistrationKey> asked = std::move(found->second);
  asked_.erase(found);
  asked.erase(std::remove_if(asked.begin(), asked.end(), [&](RegistrationKey key) { return !entries_.contains(key); }),
              asked.end());
  if (asked.size() <= 1) {
    keys = std::move(asked);
    return true;
  }
  // Sorted by kind in the message; each half is put in front in the order in which they came.
  std::sort(asked.begin(), asked.end());
  const auto middle = asked.begin() + static_cast<std::ptrdiff_t>(asked.size() / 2);
  batches_.emplace_front(middle, asked.end());
  batches_.emplace_front(asked.begin(), middle);
  return true;
}

void Registry::put_in_place(RegistrationKey key, State& state, std::uint64_t id) {
  state.id = id;
  if (const auto* watch = std::get_if<WatchSpec>(&state.spec)) {
    watches_.emplace(key, *watch);
  } else if (const auto* filter = std::get_if<OutcomesFilter>(&state.spec)) {
    outcomes_[{filter->group, filter->target}].push_back(key);
  } else {
    monitors_.emplace(id, key);
  }
}

void Registry::take_out(RegistrationKey key, const State& state) {
  if (std::holds_alternative<WatchSpec>(state.spec)) {
    watches_.erase(key);
  } else if (const auto* filter = std::get_if<OutcomesFilter>(&state.spec)) {
    const auto found = outcomes_.find({filter->group, filter->target});
    found->second.erase(std::remove(found->second.begin(), found->second.end(), key), found->second.end());
    if (found->second.empty()) outcomes_.erase(found);
  } else {
    monitors_.erase(state.id);
  }
}

const Spec* Registry::spec_of(RegistrationKey key) const {
  const auto found = entries_.find(key);
  return found == entries_.end() ? nullptr : &found->second.spec;
}

RegistrationKey Registry::monitor_of(std::uint64_t id) const {
  const auto found = monitors_.find(id);
  return found == monitors_.end() ? 0 : found->second;
}

const std::vector<RegistrationKey>& Registry::outcomes_of(const std::string& group, const std::string& target) const {
  static const std::vector<RegistrationKey> kNone;
  const auto found = outcomes_.find({group, target});
  return found == outcomes_.end() ? kNone : found->second;
}

}  // namespace sounder::client
