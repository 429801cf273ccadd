#include "engine/runtime/name_table.h"

#include <algorithm>
#include <iterator>
#include <span>

#include "engine/base/siphash.h"

namespace sounder::runtime {

namespace {

constexpr base::SipKey kSpreadKey{0x736f756e64657220U, 0x6e616d6520726566U};

io::Addresses of_family(const io::Addresses& addresses, probe::FamilyChoice family) {
  io::Addresses chosen;
  std::copy_if(addresses.begin(), addresses.end(), std::back_inserter(chosen), [&](const base::IpAddress& address) {
    if (family == probe::FamilyChoice::kIpv4) return address.is_v4();
    if (family == probe::FamilyChoice::kIpv6) return !address.is_v4();
    return true;
  });
  return chosen;
}

void fail(NameBinding& binding) {
  binding.errors->fetch_add(1, std::memory_order_relaxed);
  binding.resolved->store(false, std::memory_order_relaxed);
}

/// Follows the rules of name_table.h; gives whether other addresses are in use now.
bool follow(NameBinding& binding, probe::FamilyChoice family, const io::Addresses& answer) {
  io::Addresses chosen = of_family(answer, family);
  if (chosen.empty()) {
    fail(binding);
    return false;
  }
  binding.resolved->store(true, std::memory_order_relaxed);
  if (family == probe::FamilyChoice::kAll) {
    std::sort(chosen.begin(), chosen.end());
  } else {
    const bool stays = !binding.addresses.empty() &&
                       std::find(chosen.begin(), chosen.end(), binding.addresses.front()) != chosen.end();
    if (stays) return false;
    chosen.resize(1);
  }
  if (chosen == binding.addresses) return false;
  binding.addresses = std::move(chosen);
  return true;
}

}  // namespace

void NameTable::want(const std::set<NameKey>& keys, base::MonoTime now) {
  std::map<std::string, Name> known;
  known.swap(names_);
  due_.clear();
  std::set<std::string> learning;  // names of which something is asked that nobody looked for yet
  for (const NameKey& key : keys) {
    NameBinding& binding = names_[key.name].bindings[key.family];
    const auto name = known.find(key.name);
    if (name == known.end() || !name->second.bindings.contains(key.family)) {
      learning.insert(key.name);
    } else {
      binding = name->second.bindings.at(key.family);
    }
  }
  for (auto& [name, entry] : names_) {
    const auto before = known.find(name);
    if (before == known.end()) {
      schedule(name, entry, now);
    } else if (before->second.due) {  // else it is under way, and its answer will serve what is new too
      schedule(name, entry, learning.contains(name) ? now : *before->second.due);
    }
  }
}

std::vector<std::string> NameTable::take_due(base::MonoTime now, std::size_t limit) {
  std::vector<std::string> names;
  while (names.size() < limit && !due_.empty() && due_.begin()->first <= now) {
    auto node = due_.extract(due_.begin());
    names_.at(node.value().second).due.reset();
    names.push_back(std::move(node.value().second));
  }
  return names;
}

base::MonoTime NameTable::next_due() const { return due_.empty() ? base::MonoTime::max() : due_.begin()->first; }

std::vector<NameKey> NameTable::on_answer(const std::string& name, const base::Result<io::Addresses>& answer,
                                          base::MonoTime now) {
  std::vector<NameKey> changed;
  const auto found = names_.find(name);
  if (found == names_.end()) return changed;
  for (auto& [family, binding] : found->second.bindings) {
    if (!answer) {
      fail(binding);
    } else if (follow(binding, family, *answer)) {
      changed.push_back({name, family});
    }
  }
  schedule(name, found->second, answer ? next_refresh(name, now) : now + settings_.retry);
  return changed;
}

const NameBinding* NameTable::find(const NameKey& key) const {
  const auto name = names_.find(key.name);
  if (name == names_.end()) return nullptr;
  const auto binding = name->second.bindings.find(key.family);
  return binding == name->second.bindings.end() ? nullptr : &binding->second;
}

void NameTable::schedule(const std::string& name, Name& entry, base::MonoTime due) {
  if (entry.due) due_.erase({*entry.due, name});
  entry.due = due;
  due_.emplace(due, name);
}

/// The next moment of the name's own phase, half an interval away or more: names spread over the interval, however many
/// were looked up together at the start.
base::MonoTime NameTable::next_refresh(const std::string& name, base::MonoTime now) const {
  const base::Duration interval = settings_.refresh;
  const auto hash = base::siphash(kSpreadKey, std::as_bytes(std::span(name)));
  const base::Duration phase(static_cast<std::int64_t>(hash % static_cast<std::uint64_t>(interval.count())));
  const base::MonoTime earliest = now + interval / 2;
  const base::Duration behind = (earliest.time_since_epoch() - phase) % interval;
  return behind <= base::Duration::zero() ? earliest - behind : earliest + (interval - behind);
}

}  // namespace sounder::runtime
