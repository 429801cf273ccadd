#include "config/loader.h"

#include <utility>

#include <fmt/format.h>

#include "config/daemon_keys.h"
#include "config/expand.h"
#include "config/limits.h"
#include "config/scalars.h"
#include "config/text.h"
#include "config/totals.h"
#include "engine/base/siphash.h"

namespace sounder::config {

namespace fs = std::filesystem;

std::string combined_stamp(const std::set<std::string>& stamps) {
  std::string all;
  for (const auto& stamp : stamps) all += stamp + "\n";
  return fmt::format("{:016x}", base::siphash({}, std::as_bytes(std::span(all))));
}

LoadResult Loader::run(const fs::path& path) {
  folder_ = path.parent_path();
  const auto document = open(path);
  if (document) read_root(document->root());
  if (document && !diagnostics_.has_errors()) finish();
  settings_.sources.stamp = combined_stamp(stamps_);
  LoadResult result{std::nullopt, diagnostics_.errors(), diagnostics_.warnings(), settings_.sources};
  if (result.errors.empty()) result.settings = std::move(settings_);
  return result;
}

std::optional<Document> Loader::open(const fs::path& path) {
  const auto file = diagnostics_.add_file(path.generic_string());
  settings_.sources.files.push_back(path);
  stamps_.insert(source_.stamp(path));  // before the text: a change between the two is noticed later
  const auto text = source_.read(path);
  if (!text) {
    diagnostics_.error({file, 0, 0}, text.error().message());
    return std::nullopt;
  }
  total_bytes_ += text->size();
  if (total_bytes_ > kMaxTotalBytes) {
    diagnostics_.error({file, 0, 0}, fmt::format("with this file there are more than {} MiB to read, which is all that "
                                                 "are allowed",
                                                 kMaxTotalBytes >> 20U));
    return std::nullopt;
  }
  auto document = Document::parse(*text, file);
  if (document) return std::move(*document);
  diagnostics_.error(document.error().position, document.error().what);
  return std::nullopt;
}

void Loader::read_root(Node root) {
  if (root.kind() == NodeKind::kNull) {
    return diagnostics_.error(root.position(), "the file is empty; a configuration has at least `groups`");
  }
  std::optional<Node> defaults;
  std::optional<Node> groups;
  Keys keys = daemon_keys(settings_, rate_limit_, diagnostics_);
  keys.push_back({"defaults", [&defaults](Node node) { defaults = node; }});
  keys.push_back({"groups", [&groups](Node node) { groups = node; }});
  read_map(root, "a configuration", keys, diagnostics_);
  Layer layer;
  if (defaults) read_map(*defaults, "defaults", layer_keys(layer, MetaLabels::kRefuse, diagnostics_), diagnostics_);
  if (groups) {
    groups_place_ = groups->position();
    read_groups(*groups, layer);
  } else {
    diagnostics_.warning(root.position(), "no groups: there is nothing to probe");
  }
}

void Loader::read_groups(Node list, const Layer& defaults) {
  if (list.kind() != NodeKind::kList) {
    return diagnostics_.error(list.position(),
                              fmt::format("groups: {} is given; allowed is a list of groups", kind_name(list.kind())));
  }
  if (list.size() > kMaxGroups) {
    return diagnostics_.error(list.position(),
                              fmt::format("groups: {} are given; allowed are {}", list.size(), kMaxGroups));
  }
  for (std::size_t i = 0; i < list.size(); ++i) read_group(list.item(i), defaults);
}

void Loader::read_group(Node map, const Layer& defaults) {
  Layer layer = defaults;
  std::optional<Node> name;
  std::optional<Node> targets;
  std::optional<Node> files;
  Keys keys = {{"name", [&name](Node node) { name = node; }},
               {"targets", [&targets](Node node) { targets = node; }},
               {"files", [&files](Node node) { files = node; }}};
  for (auto& key : layer_keys(layer, MetaLabels::kRefuse, diagnostics_)) keys.push_back(std::move(key));
  const bool complete = read_map(map, "a group", keys, diagnostics_);
  if (map.kind() != NodeKind::kMap) return;
  if (!name && complete) diagnostics_.error(map.position(), "name is missing; every group has one");
  Group group;
  const bool named = name && take_name(*name, group);
  if (!named) group.name = std::make_shared<const std::string>();
  if (!targets && !files && complete)
    diagnostics_.warning(map.position(), "the group has neither `targets` nor `files`");
  if (targets) targets_.read_targets(*targets, layer, group);
  if (files) read_files(*files, layer, group);
  check_repetitions(group, diagnostics_);
  groups_.push_back(std::move(group));
}

bool Loader::take_name(Node node, Group& group) {
  auto name = read_text({"name", node, diagnostics_}, kMaxNameBytes);
  if (!name) return false;
  if (!group_names_.insert(*name).second) {
    diagnostics_.error(node.position(),
                       fmt::format("name: there is a group {} already; each has a name of its own", shown(*name)));
  }
  settings_.groups.push_back(*name);
  group.name = std::make_shared<const std::string>(std::move(*name));
  return true;
}

void Loader::read_files(Node files, const Layer& layer, Group& group) {
  std::set<fs::path> read;
  if (files.kind() == NodeKind::kScalar) return read_glob(files, layer, read, group);
  if (files.kind() != NodeKind::kList) {
    return diagnostics_.error(
        files.position(),
        fmt::format("files: {} is given; allowed is a list of paths, with * and ?", kind_name(files.kind())));
  }
  for (std::size_t i = 0; i < files.size(); ++i) read_glob(files.item(i), layer, read, group);
}

void Loader::read_glob(Node glob, const Layer& layer, std::set<fs::path>& read, Group& group) {
  const auto text = read_text({"files", glob, diagnostics_}, kMaxLabelValueBytes);
  if (!text) return;
  const auto pattern = folder_ / *text;
  settings_.sources.globs.push_back(pattern);
  const auto matches = source_.matches(pattern);
  if (matches.empty()) {
    diagnostics_.warning(glob.position(), fmt::format("files: nothing matches {}", shown(pattern.generic_string())));
  }
  for (const auto& path : matches) {
    if (read.insert(path).second) read_target_file(path, glob, layer, group);
  }
}

void Loader::read_target_file(const fs::path& path, Node glob, const Layer& layer, Group& group) {
  if (settings_.sources.files.size() > kMaxFiles) {
    return diagnostics_.error(glob.position(), fmt::format("files: there are more than {}", kMaxFiles));
  }
  if (const auto document = open(path)) targets_.read_file(document->root(), layer, group);
}

void Loader::finish() {
  check_number(groups_, diagnostics_);
  if (diagnostics_.has_errors()) return;
  for (const auto& group : groups_) expand(group, settings_.targets);
  settings_.totals = totals_of(settings_, interner_.label_bytes());
  check_totals(settings_, rate_limit_.value_or(groups_place_), diagnostics_);
}

}  // namespace sounder::config
