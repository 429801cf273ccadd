#include "config/targets.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "config/limits.h"
#include "config/scalars.h"
#include "config/text.h"

namespace sounder::config {

namespace {

constexpr std::string_view kHostForms = "an address, a host name, a block or a range";

bool has_key(Node map, std::string_view name) {
  if (map.kind() != NodeKind::kMap) return false;
  for (std::size_t i = 0; i < map.size(); ++i) {
    if (map.key(i).text() == name) return true;
  }
  return false;
}

/// Where a link-local address goes to is only known by its zone or by the interface it leaves from.
bool lacks_zone(const Entry& entry) {
  const auto* const host = std::get_if<probe::HostAddress>(&entry.host);
  const auto* const range = std::get_if<AddressRange>(&entry.host);
  const bool link_local = host != nullptr ? host->zone.empty() && host->address.is_link_local_v6()
                                          : range != nullptr && range->first.is_link_local_v6();
  return link_local && entry.layer.options->interface.empty();
}

/// The family that the host is sure to have.
std::optional<base::Family> family_of(const Entry& entry) {
  if (const auto* const host = std::get_if<probe::HostAddress>(&entry.host)) return host->address.family();
  if (const auto* const range = std::get_if<AddressRange>(&entry.host)) return range->first.family();
  if (entry.layer.options->family == probe::FamilyChoice::kIpv4) return base::Family::kIpv4;
  if (entry.layer.options->family == probe::FamilyChoice::kIpv6) return base::Family::kIpv6;
  return std::nullopt;
}

}  // namespace

void TargetReader::read_targets(Node list, const Layer& above, Group& group) {
  if (list.kind() != NodeKind::kList) {
    return diagnostics_.error(
        list.position(), fmt::format("targets: {} is given; allowed is a list of targets", kind_name(list.kind())));
  }
  const SharedLayer shared = interner_.share(above);
  for (std::size_t i = 0; i < list.size(); ++i) read_target(list.item(i), above, shared, group);
}

void TargetReader::read_file(Node root, const Layer& above, Group& group) {
  if (root.kind() == NodeKind::kMap) {
    Layer layer = above;
    std::optional<Node> targets;
    Keys keys = layer_keys(layer, MetaLabels::kRefuse, diagnostics_);
    keys.push_back({"targets", [&targets](Node node) { targets = node; }});
    const bool complete = read_map(root, "a file of targets", keys, diagnostics_);
    if (targets) return read_targets(*targets, layer, group);
    if (!complete) return;
    return diagnostics_.error(root.position(),
                              "targets are missing; a file is a list of targets or a map with `targets`");
  }
  if (root.kind() != NodeKind::kList) {
    const std::string_view given = root.kind() == NodeKind::kNull ? "is empty" : "is a text";
    return diagnostics_.error(root.position(),
                              fmt::format("the file {}; allowed is a list of targets ([] for none) or a "
                                          "map with `targets`",
                                          given));
  }
  const SharedLayer shared = interner_.share(above);
  for (std::size_t i = 0; i < root.size(); ++i) {
    if (has_key(root.item(i), "targets")) {
      read_discovered(root.item(i), above, group);
    } else {
      read_target(root.item(i), above, shared, group);
    }
  }
}

void TargetReader::read_target(Node target, const Layer& above, const SharedLayer& shared, Group& group) {
  if (target.kind() == NodeKind::kScalar) return add(target, {}, shared, target.position(), group);
  if (target.kind() == NodeKind::kMap) return read_target_map(target, above, group);
  diagnostics_.error(target.position(), fmt::format("a target is {}; allowed is {}, or a map with `host`",
                                                    kind_name(target.kind()), kHostForms));
}

void TargetReader::read_target_map(Node map, const Layer& above, Group& group) {
  Layer layer = above;
  std::optional<Node> host;
  std::string name;
  Keys keys = layer_keys(layer, MetaLabels::kRefuse, diagnostics_);
  keys.push_back({"host", [&host](Node node) { host = node; }});
  keys.push_back({"name", [&name, this](Node node) {
                    name = read_text({"name", node, diagnostics_}, kMaxNameBytes).value_or(std::string());
                  }});
  const bool complete = read_map(map, "a target", keys, diagnostics_);
  if (!host && complete) diagnostics_.error(map.position(), fmt::format("host is missing; it is {}", kHostForms));
  if (host) add(*host, std::move(name), interner_.share(layer), map.position(), group);
}

void TargetReader::read_discovered(Node map, const Layer& above, Group& group) {
  Layer layer = above;
  std::optional<Node> targets;
  const Keys keys = {{"targets", [&targets](Node node) { targets = node; }},
                     {"labels", [&](Node node) { read_labels(node, MetaLabels::kDrop, layer.labels, diagnostics_); }}};
  read_map(map, "an item of service discovery", keys, diagnostics_);
  if (targets) read_hosts(*targets, layer, group);
}

void TargetReader::read_hosts(Node list, const Layer& layer, Group& group) {
  if (list.kind() != NodeKind::kList) {
    return diagnostics_.error(list.position(),
                              fmt::format("targets: {} is given; allowed is a list of hosts", kind_name(list.kind())));
  }
  const SharedLayer shared = interner_.share(layer);
  for (std::size_t i = 0; i < list.size(); ++i) add(list.item(i), {}, shared, list.item(i).position(), group);
}

void TargetReader::add(Node host, std::string name, const SharedLayer& layer, Position position, Group& group) {
  const Field field{"host", host, diagnostics_};
  const auto text = field.text(kHostForms);
  if (!text) return;
  auto parsed = parse_host(*text);
  if (!parsed) return diagnostics_.error(host.position(), std::move(parsed.error()));
  if (++entries_ > base::kMaxTargets) {
    if (entries_ == base::kMaxTargets + 1) {
      diagnostics_.error(position,
                         fmt::format("more than {} targets, which is all that are allowed", base::kMaxTargets));
    }
    return;
  }
  group.entries.push_back({std::move(*parsed), std::string(*text), std::move(name), layer, position});
  check(group.entries.back());
}

void TargetReader::check(const Entry& entry) {
  const auto& source = entry.layer.options->source;
  const auto family = family_of(entry);
  if (source && family && source->family() != *family) {
    diagnostics_.error(entry.position,
                       fmt::format("{} is {}, but the source {} is not", shown(entry.written),
                                   *family == base::Family::kIpv4 ? "IPv4" : "IPv6", source->to_string()));
  }
  if (lacks_zone(entry)) {
    diagnostics_.warning(entry.position, fmt::format("{} is link-local; without a zone (as in fe80::1%eth0) or "
                                                     "`interface` it can't be sent to",
                                                     shown(entry.written)));
  }
}

}  // namespace sounder::config
