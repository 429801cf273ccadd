#include "config/labels.h"

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "config/limits.h"
#include "config/text.h"

namespace sounder::config {

namespace {

/// `group` to `address` stand on every metric of a target, `le` on its histogram, the others on some: a second label of
/// the same name would make Prometheus refuse the whole scrape.
constexpr std::array<std::string_view, 11> kOwnLabels = {"group", "target", "address", "le",     "outcome", "kind",
                                                         "type",  "code",   "state",   "reason", "reporter"};

bool is_label_name(std::string_view name) {
  const auto may_begin = [](char c) { return is_letter(c) || c == '_'; };
  return !name.empty() && may_begin(name.front()) &&
         std::all_of(name.begin(), name.end(), [&](char c) { return may_begin(c) || is_digit(c); });
}

/// What is wrong with a name, empty if nothing is.
std::string name_fault(std::string_view name) {
  if (!is_label_name(name)) {
    return fmt::format("{} is no label name; allowed are letters, digits and _, not a digit first", shown(name));
  }
  if (name.size() > kMaxLabelNameBytes) {
    return fmt::format("the label name {} has {} bytes; allowed are {}", shown(name), name.size(), kMaxLabelNameBytes);
  }
  if (name.substr(0, 2) == "__") {
    return fmt::format("the label {} is Prometheus' own; allowed are names that do not begin with __", name);
  }
  if (is_own_label(name)) {
    return fmt::format("the label {} is sounder's own; not allowed are {}", name, listed(kOwnLabels));
  }
  return {};
}

std::string value_fault(std::string_view name, const Node& value) {
  if (value.kind() != NodeKind::kScalar) {
    return fmt::format("label {}: {} is given; allowed is a text", name, kind_name(value.kind()));
  }
  if (value.text().size() > kMaxLabelValueBytes) {
    return fmt::format("label {}: {} has {} bytes; allowed are {}", name, shown(value.text()), value.text().size(),
                       kMaxLabelValueBytes);
  }
  if (has_control_characters(value.text())) {
    return fmt::format("label {}: {} has control characters, which are not allowed", name, shown(value.text()));
  }
  return {};
}

void set_label(probe::Labels& labels, std::string_view name, std::string_view value) {
  const auto place = std::lower_bound(labels.begin(), labels.end(), name,
                                      [](const auto& label, std::string_view wanted) { return label.first < wanted; });
  if (place != labels.end() && place->first == name) {
    place->second = value;
  } else {
    labels.emplace(place, std::string(name), std::string(value));
  }
}

}  // namespace

bool is_own_label(std::string_view name) {
  return std::find(kOwnLabels.begin(), kOwnLabels.end(), name) != kOwnLabels.end();
}

void read_labels(Node map, MetaLabels meta, probe::Labels& labels, Diagnostics& diagnostics) {
  if (map.kind() != NodeKind::kMap) {
    return diagnostics.error(map.position(), fmt::format("labels: {} is given; allowed is a map of names and values",
                                                         kind_name(map.kind())));
  }
  std::map<std::string_view, Position> seen;
  for (std::size_t i = 0; i < map.size(); ++i) {
    const Node key = map.key(i);
    const Node value = map.value(i);
    if (meta == MetaLabels::kDrop && key.text().substr(0, 2) == "__") continue;
    const auto [first, is_new] = seen.emplace(key.text(), key.position());
    if (auto fault = name_fault(key.text()); !fault.empty()) {
      diagnostics.error(key.position(), std::move(fault));
    } else if (!is_new) {
      diagnostics.error(key.position(), fmt::format("the label {} is given twice; the first is at {}", key.text(),
                                                    diagnostics.place(first->second)));
    } else if (fault = value_fault(key.text(), value); !fault.empty()) {
      diagnostics.error(value.position(), std::move(fault));
    } else {
      set_label(labels, key.text(), value.text());
    }
  }
  if (labels.size() > kMaxLabels) {
    diagnostics.error(map.position(),
                      fmt::format("labels: a target would have {}; allowed are {}", labels.size(), kMaxLabels));
  }
}

}  // namespace sounder::config
