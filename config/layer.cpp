#include "config/layer.h"

#include <functional>
#include <string>

#include "config/options.h"

namespace sounder::config {

namespace {

void combine(std::size_t& hash, std::size_t value) {
  hash ^= value + 0x9e3779b97f4a7c15U + (hash << 6U) + (hash >> 2U);
}

/// Of the fields that differ most often; equality decides.
std::size_t hash_of(const probe::ProbeOptions& options) {
  std::size_t hash = std::hash<std::int64_t>{}(options.interval.count());
  combine(hash, std::hash<std::int64_t>{}(options.timeout.count()));
  combine(hash, std::hash<std::string>{}(options.interface));
  if (options.source) combine(hash, std::hash<base::IpAddress>{}(*options.source));
  for (const std::size_t number : {std::size_t{options.size}, std::size_t{options.mark}, std::size_t{options.dscp},
                                   std::size_t{options.ttl}, std::size_t{options.down_after}}) {
    combine(hash, number);
  }
  return hash;
}

std::size_t hash_of(const probe::Labels& labels) {
  std::size_t hash = labels.size();
  for (const auto& [name, value] : labels) {
    combine(hash, std::hash<std::string>{}(name));
    combine(hash, std::hash<std::string>{}(value));
  }
  return hash;
}

template <class Table, class T>
auto intern(Table& table, const T& wanted, bool& is_new) {
  auto& equals = table[hash_of(wanted)];
  for (const auto& known : equals) {
    if (*known == wanted) return known;
  }
  is_new = true;
  return equals.emplace_back(std::make_shared<const T>(wanted));
}

}  // namespace

Keys layer_keys(Layer& layer, MetaLabels meta, Diagnostics& diagnostics) {
  Keys keys = option_keys(layer.options, diagnostics);
  keys.push_back(
      {"labels", [&layer, &diagnostics, meta](Node node) { read_labels(node, meta, layer.labels, diagnostics); }});
  return keys;
}

SharedLayer Interner::share(const Layer& layer) {
  bool new_options = false;
  bool new_labels = false;
  SharedLayer shared{intern(options_, layer.options, new_options), intern(labels_, layer.labels, new_labels)};
  if (new_labels) {
    for (const auto& [name, value] : layer.labels) label_bytes_ += name.size() + value.size();
  }
  return shared;
}

}  // namespace sounder::config
