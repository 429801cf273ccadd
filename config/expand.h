/// From entries to targets: repetitions are found, blocks and ranges become addresses.
#pragma once

#include <vector>

#include "config/diagnostics.h"
#include "config/targets.h"
#include "engine/probe/target_spec.h"

namespace sounder::config {

/// Reports hosts that a group has twice under one label, and blocks or ranges of a group that overlap under one label.
void check_repetitions(const Group& group, Diagnostics& diagnostics);

/// Reports the entry with which the targets of all groups become more than base::kMaxTargets.
void check_number(const std::vector<Group>& groups, Diagnostics& diagnostics);

/// Appends the targets of a group without mistakes, in the order of its entries. An address that stands in the group by
/// itself is left out of the blocks and ranges that contain it.
void expand(const Group& group, std::vector<probe::TargetSpec>& targets);

}  // namespace sounder::config
