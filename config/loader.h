/// One loading of a configuration, from the root of the main file down.
#pragma once

#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "config/diagnostics.h"
#include "config/file_source.h"
#include "config/layer.h"
#include "config/targets.h"
#include "config/yaml_document.h"

namespace sounder::config {

class Loader {
 public:
  explicit Loader(FileSource& source) : source_(source), targets_(interner_, diagnostics_) {}

  [[nodiscard]] LoadResult run(const std::filesystem::path& path);

 private:
  /// Reads and parses; reports why it can't. `path` becomes one of the sources.
  [[nodiscard]] std::optional<Document> open(const std::filesystem::path& path);
  void read_root(Node root);
  void read_groups(Node list, const Layer& defaults);
  void read_group(Node map, const Layer& defaults);
  [[nodiscard]] bool take_name(Node node, Group& group);
  void read_files(Node files, const Layer& layer, Group& group);
  void read_glob(Node glob, const Layer& layer, std::set<std::filesystem::path>& read, Group& group);
  void read_target_file(const std::filesystem::path& path, Node glob, const Layer& layer, Group& group);
  void finish();

  FileSource& source_;
  Diagnostics diagnostics_;
  Interner interner_;
  TargetReader targets_;
  Settings settings_;
  std::vector<Group> groups_;
  std::set<std::string, std::less<>> group_names_;
  std::set<std::string> stamps_;
  std::filesystem::path folder_;
  std::optional<Position> rate_limit_;  ///< where the configuration sets it
  Position groups_place_;
  std::size_t total_bytes_ = 0;
};

/// The stamp that a set of stamped files amounts to.
[[nodiscard]] std::string combined_stamp(const std::set<std::string>& stamps);

}  // namespace sounder::config
