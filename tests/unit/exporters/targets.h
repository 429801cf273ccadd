/// Targets with numbers, as an engine would have published them.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "engine/probe/snapshot.h"
#include "engine/probe/target_record.h"

namespace sounder::exporters::testing {

/// A target that can be written to. Its labels are group, target and address; more may be given.
struct FakeTarget {
  std::shared_ptr<probe::TargetInfo> info;
  std::shared_ptr<probe::TargetRecord> record;  ///< null for a name without an address

  [[nodiscard]] probe::TargetEntry entry() const { return {info, record}; }
};

[[nodiscard]] FakeTarget make_target(const std::string& group, const std::string& target, const std::string& address,
                                     probe::Labels labels = {}, probe::Buckets buckets = probe::default_buckets());
[[nodiscard]] FakeTarget make_unresolved(const std::string& group, const std::string& target);

/// Gives every kind of number something that depends on `seed`.
void fill(const FakeTarget& target, unsigned seed);

/// `count` targets, each filled; every hundredth has no record.
[[nodiscard]] probe::Snapshot make_snapshot(std::size_t count);

}  // namespace sounder::exporters::testing
