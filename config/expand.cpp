#include "config/expand.h"

#include <algorithm>
#include <string>
#include <tuple>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>

#include "config/limits.h"
#include "config/text.h"

namespace sounder::config {

namespace {

using base::IpAddress;

/// What makes two entries the same target: `::1` and `0:0::1` are, whatever was written.
std::string canonical(const Entry& entry) {
  const auto* const host = std::get_if<probe::HostAddress>(&entry.host);
  if (host == nullptr) return entry.written;
  return host->zone.empty() ? host->address.to_string() : host->address.to_string() + "%" + host->zone;
}

std::string repeated(const Entry& entry, const Group& group, const std::string& first) {
  const auto what = entry.name.empty() ? shown(entry.written)
                                       : fmt::format("{} with the name {}", shown(entry.written), shown(entry.name));
  return fmt::format("{} is in group {} already, at {}; give one of them {} `name:`", what, shown(*group.name), first,
                     entry.name.empty() ? "a" : "another");
}

void check_hosts(const Group& group, Diagnostics& diagnostics) {
  std::unordered_map<std::string, Position> seen;
  seen.reserve(group.entries.size());
  for (const auto& entry : group.entries) {
    if (std::holds_alternative<AddressRange>(entry.host)) continue;
    auto identity = canonical(entry);
    if (!entry.name.empty() && entry.name != identity) identity += '\0' + entry.name;
    const auto [first, is_new] = seen.emplace(std::move(identity), entry.position);
    if (!is_new) diagnostics.error(entry.position, repeated(entry, group, diagnostics.place(first->second)));
  }
}

const AddressRange& range_of(const Entry& entry) { return std::get<AddressRange>(entry.host); }

void check_ranges(const Group& group, Diagnostics& diagnostics) {
  std::vector<const Entry*> ranges;
  for (const auto& entry : group.entries) {
    if (std::holds_alternative<AddressRange>(entry.host)) ranges.push_back(&entry);
  }
  std::sort(ranges.begin(), ranges.end(), [](const Entry* a, const Entry* b) {
    return std::tie(a->name, range_of(*a).first, a->position) < std::tie(b->name, range_of(*b).first, b->position);
  });
  const Entry* farthest = nullptr;  // of the ranges so far, the one that ends last
  for (const Entry* const entry : ranges) {
    if (farthest != nullptr && farthest->name == entry->name && range_of(*farthest).contains(range_of(*entry).first)) {
      const auto [first, second] =
          std::minmax(farthest, entry, [](const Entry* a, const Entry* b) { return a->position < b->position; });
      diagnostics.error(second->position,
                        fmt::format("{} overlaps {} of group {}, at {}, from {} on; give one of them {} `name:`",
                                    shown(second->written), shown(first->written), shown(*group.name),
                                    diagnostics.place(first->position), range_of(*entry).first.to_string(),
                                    entry->name.empty() ? "a" : "another"));
    }
    const bool ends_later =
        farthest == nullptr || farthest->name != entry->name || range_of(*farthest).last() < range_of(*entry).last();
    if (ends_later) farthest = entry;
  }
}

/// The addresses that stand in the group by themselves, ascending. Ranges have no zones, so those with one don't
/// matter.
std::vector<IpAddress> single_addresses(const Group& group) {
  std::vector<IpAddress> addresses;
  for (const auto& entry : group.entries) {
    const auto* const host = std::get_if<probe::HostAddress>(&entry.host);
    if (host != nullptr && host->zone.empty()) addresses.push_back(host->address);
  }
  std::sort(addresses.begin(), addresses.end());
  return addresses;
}

probe::TargetSpec spec(const Group& group, const Entry& entry, std::string label,
                       std::variant<probe::HostAddress, probe::HostName> host) {
  return {group.name, std::move(label), std::move(host), entry.layer.options, entry.layer.labels};
}

void expand_range(const Group& group, const Entry& entry, const std::vector<IpAddress>& singles,
                  std::vector<probe::TargetSpec>& targets) {
  const auto& range = range_of(entry);
  auto single = std::lower_bound(singles.begin(), singles.end(), range.first);
  for (std::uint64_t i = 0; i < range.count; ++i) {
    const IpAddress address = range.at(i);
    while (single != singles.end() && *single < address) ++single;
    if (single != singles.end() && *single == address) continue;
    targets.push_back(
        spec(group, entry, entry.name.empty() ? address.to_string() : entry.name, probe::HostAddress{address, {}}));
  }
}

std::size_t count_of(const Entry& entry) {
  const auto* const range = std::get_if<AddressRange>(&entry.host);
  return range == nullptr ? 1 : range->count;
}

}  // namespace

void check_repetitions(const Group& group, Diagnostics& diagnostics) {
  check_hosts(group, diagnostics);
  check_ranges(group, diagnostics);
}

void check_number(const std::vector<Group>& groups, Diagnostics& diagnostics) {
  std::size_t before = 0;
  for (const auto& group : groups) {
    for (const auto& entry : group.entries) {
      const std::size_t count = count_of(entry);
      if (before + count > base::kMaxTargets) {
        return diagnostics.error(entry.position, fmt::format("{} adds {} targets to {}; allowed are {} in all",
                                                             shown(entry.written), count, before, base::kMaxTargets));
      }
      before += count;
    }
  }
}

void expand(const Group& group, std::vector<probe::TargetSpec>& targets) {
  const auto singles = single_addresses(group);
  for (const auto& entry : group.entries) {
    if (const auto* const address = std::get_if<probe::HostAddress>(&entry.host)) {
      targets.push_back(spec(group, entry, entry.label(), *address));
    } else if (const auto* const name = std::get_if<probe::HostName>(&entry.host)) {
      targets.push_back(spec(group, entry, entry.label(), *name));
    } else {
      expand_range(group, entry, singles, targets);
    }
  }
}

}  // namespace sounder::config
