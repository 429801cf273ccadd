/// Lists of targets as they are written, before blocks and ranges become addresses.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "config/diagnostics.h"
#include "config/host.h"
#include "config/layer.h"
#include "config/yaml_document.h"

namespace sounder::config {

/// One host, block or range of a group.
struct Entry {
  Host host;
  std::string written;  ///< the host as the user wrote it
  std::string name;     ///< empty: none was given
  SharedLayer layer;
  Position position;

  /// The label `target`; an address of a block or range without a name has its own text.
  [[nodiscard]] const std::string& label() const { return name.empty() ? written : name; }
};

struct Group {
  std::shared_ptr<const std::string> name;
  std::vector<Entry> entries;
};

/// Reads lists of targets into groups. Stops, with one message, at base::kMaxTargets entries of all groups.
class TargetReader {
 public:
  TargetReader(Interner& interner, Diagnostics& diagnostics) : interner_(interner), diagnostics_(diagnostics) {}

  /// `targets:` of a group: hosts, or maps `{host, name, labels, …options}`.
  void read_targets(Node list, const Layer& above, Group& group);

  /// A file of `files:`. Our form is such a list, or one map `{targets, labels, …options}`; Prometheus' file-based
  /// service discovery is a list of maps `{targets, labels}`, whose targets are hosts only and whose labels `__…` are
  /// dropped.
  void read_file(Node root, const Layer& above, Group& group);

 private:
  void read_target(Node target, const Layer& above, const SharedLayer& shared, Group& group);
  void read_target_map(Node map, const Layer& above, Group& group);
  void read_discovered(Node map, const Layer& above, Group& group);
  void read_hosts(Node list, const Layer& layer, Group& group);
  void add(Node host, std::string name, const SharedLayer& layer, Position position, Group& group);
  void check(const Entry& entry);

  Interner& interner_;
  Diagnostics& diagnostics_;
  std::size_t entries_ = 0;
};

}  // namespace sounder::config
