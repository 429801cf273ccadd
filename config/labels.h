/// Labels that the user gives: which names are his, and how levels add up.
#pragma once

#include <string_view>

#include "config/diagnostics.h"
#include "config/yaml_document.h"
#include "engine/probe/target_spec.h"

namespace sounder::config {

/// What to do with the names that Prometheus reserves for service discovery (`__meta_…`).
enum class MetaLabels { kRefuse, kDrop };

/// Reads a map of labels over those already in `labels`: a name that is there gets the new value.
void read_labels(Node map, MetaLabels meta, probe::Labels& labels, Diagnostics& diagnostics);

/// Whether one of our own metrics of targets has this label.
[[nodiscard]] bool is_own_label(std::string_view name);

}  // namespace sounder::config
