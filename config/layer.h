/// What one level (defaults, a group, a target) passes on to the level below: its options and labels.
#pragma once

#include <memory>
#include <unordered_map>
#include <vector>

#include "config/diagnostics.h"
#include "config/labels.h"
#include "config/map_keys.h"
#include "engine/probe/target_spec.h"

namespace sounder::config {

/// A level starts as a copy of the one above and overwrites what its own keys say.
struct Layer {
  probe::ProbeOptions options;
  probe::Labels labels;
};

/// Every option and `labels`, each reading into `layer`, which outlives the keys.
[[nodiscard]] Keys layer_keys(Layer& layer, MetaLabels meta, Diagnostics& diagnostics);

/// A Layer that targets share.
struct SharedLayer {
  std::shared_ptr<const probe::ProbeOptions> options;
  std::shared_ptr<const probe::Labels> labels;
};

/// Gives equal options, and equal labels, one copy.
class Interner {
 public:
  [[nodiscard]] SharedLayer share(const Layer& layer);
  /// Bytes of the names and values of all labels that were shared.
  [[nodiscard]] std::size_t label_bytes() const { return label_bytes_; }

 private:
  template <class T>
  using Table = std::unordered_map<std::size_t, std::vector<std::shared_ptr<const T>>>;

  Table<probe::ProbeOptions> options_;
  Table<probe::Labels> labels_;
  std::size_t label_bytes_ = 0;
};

}  // namespace sounder::config
