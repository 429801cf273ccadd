#include "config/map_keys.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "config/text.h"

namespace sounder::config {

namespace {

std::string unknown_key(std::string_view name, std::string_view what, const Keys& keys) {
  if (name == "<<") return "merge keys (<<) are not part of YAML 1.2; put what is common into `defaults` or the group";
  std::vector<std::string_view> known;
  for (const auto& key : keys) known.push_back(key.name);
  if (const auto meant = nearest(name, known)) {
    return fmt::format("unknown key {}; did you mean {}?", shown(name), *meant);
  }
  return fmt::format("unknown key {}; {} has {}", shown(name), what, listed(known));
}

}  // namespace

bool read_map(Node map, std::string_view what, const Keys& keys, Diagnostics& diagnostics) {
  bool faultless = true;
  const auto report = [&](Position position, std::string text) {
    faultless = false;
    diagnostics.error(position, std::move(text));
  };
  if (map.kind() != NodeKind::kMap)
    report(map.position(), fmt::format("{} is a map, not {}", what, kind_name(map.kind())));
  std::vector<std::optional<Position>> seen(keys.size());
  for (std::size_t i = 0; map.kind() == NodeKind::kMap && i < map.size(); ++i) {
    const Node name = map.key(i);
    const auto is_it = [&name](const Key& known) { return known.name == name.text(); };
    const auto key = std::find_if(keys.begin(), keys.end(), is_it);
    if (name.kind() != NodeKind::kScalar) {
      report(name.position(), fmt::format("a key is {}; allowed are words", kind_name(name.kind())));
    } else if (key == keys.end()) {
      report(name.position(), unknown_key(name.text(), what, keys));
    } else if (auto& first = seen[static_cast<std::size_t>(key - keys.begin())]) {
      report(name.position(),
             fmt::format("{} is given twice; the first is at {}", key->name, diagnostics.place(*first)));
    } else {
      first = name.position();
      key->read(map.value(i));
    }
  }
  return faultless;
}

}  // namespace sounder::config
