/// The comparison of what is wanted with what runs, in steps of bounded length. Sans I/O.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "engine/probe/engine.h"
#include "engine/probe/snapshot.h"
#include "engine/probe/target_spec.h"
#include "engine/runtime/interface_table.h"
#include "engine/runtime/name_table.h"
#include "engine/runtime/target_expansion.h"

namespace sounder::runtime {

/// The configuration's targets, in its order. Shared, since at a million targets a copy is not free.
using TargetSpecs = std::shared_ptr<const std::vector<probe::TargetSpec>>;

/// A target of the list, as the service thread knows it.
struct CatalogEntry {
  std::shared_ptr<const probe::TargetInfo> info;
  std::shared_ptr<probe::TargetRecord> record;  ///< null: a name without an address
  std::uint64_t hash = 0;                       ///< of the identity
  std::uint32_t spec = 0;                       ///< index of the spec that it was made of; ascending
  std::uint32_t interface_index = 0;
  std::uint32_t scope = 0;
};

/// A change for the engine, and the entry that it belongs to.
struct PlannedChange {
  probe::TargetChange change;
  std::uint32_t entry = 0;  ///< index into the new entries; of no meaning for kRemove
};

/// What a build found. Removals come first, so that their places are free for what is added.
struct Difference {
  std::vector<PlannedChange> changes;
  std::vector<std::uint32_t> renamed;  ///< entries that kept their record and have another TargetInfo
  std::vector<CatalogEntry> entries;   ///< all of them, in the order of the configuration
  std::shared_ptr<probe::TargetList> list = std::make_shared<probe::TargetList>();
  std::map<std::string, std::size_t> by_group;
  std::vector<std::string> repeated;               ///< "group/target/address" of what two specs came to
  std::size_t left_out = 0;                        ///< addresses beyond base::kMaxTargets, which only names can cause
  std::unordered_set<std::uint64_t> shared_names;  ///< for the next build of the same specs
};

/// What changed since the last build of the same specs.
struct Touched {
  std::set<NameKey> names;
  std::set<std::string> interfaces;

  [[nodiscard]] bool empty() const { return names.empty() && interfaces.empty(); }
  void clear() {
    names.clear();
    interfaces.clear();
  }
};

/// Names and interfaces are read when their spec's turn comes; what changes later must be touched for the next build.
class CatalogBuild {
 public:
  /// Compares with other specs than before: every entry is looked up by its identity.
  CatalogBuild(TargetSpecs specs, const std::vector<CatalogEntry>& old, const NameTable& names,
               const InterfaceTable& interfaces);
  /// Of the same specs: only those that use what was touched are expanded again.
  CatalogBuild(TargetSpecs specs, const std::vector<CatalogEntry>& old, const NameTable& names,
               const InterfaceTable& interfaces, Touched touched, std::unordered_set<std::uint64_t> shared_names);

  /// Works on up to `budget` specs or entries; true when the difference is ready.
  [[nodiscard]] bool step(std::size_t budget);
  /// Once, when step() gave true.
  [[nodiscard]] Difference take();

 private:
  enum class Phase : std::uint8_t { kCountNames, kCountAddresses, kMark, kIndex, kMatch, kRemove, kDone };

  [[nodiscard]] std::size_t length(Phase phase) const;
  void handle(Phase phase, std::size_t index);
  void end_phase();
  void count_name(std::size_t spec);
  void count_address(std::size_t spec);
  void mark(std::size_t spec);
  void index_entry(std::size_t entry);
  void match_spec(std::size_t spec);
  void carry_over(std::size_t spec);
  void match(std::size_t spec, const WantedTarget& wanted);
  [[nodiscard]] bool left_out();
  void keep(std::size_t old_entry, std::size_t spec, const WantedTarget& wanted);
  void add(std::size_t spec, const WantedTarget& wanted, std::uint64_t hash);
  void append(CatalogEntry entry);
  void remove(std::size_t old_entry);

  [[nodiscard]] bool shares_name(const probe::TargetSpec& spec) const;
  [[nodiscard]] const CatalogEntry* find_old(std::uint64_t hash, const probe::TargetSpec& spec,
                                             const std::string& address) const;

  TargetSpecs specs_;
  const std::vector<CatalogEntry>& old_;
  const NameTable& names_;
  const InterfaceTable& interfaces_;
  const bool full_;
  Touched touched_;
  /// Hashes of (group, target) that several specs have, at least one of them a host name: only these can come to the
  /// same address, since the configuration refuses repeated addresses.
  std::unordered_set<std::uint64_t> shared_names_;
  std::unordered_map<std::uint64_t, std::size_t> name_counts_;

  Phase phase_;
  std::size_t cursor_ = 0;
  std::size_t old_cursor_ = 0;                                   ///< of carry_over()
  std::vector<bool> dirty_;                                      ///< by spec: to be expanded again
  std::vector<bool> kept_;                                       ///< by old entry
  std::unordered_multimap<std::uint64_t, std::uint32_t> index_;  ///< identity → old entry, of dirty specs
  std::set<std::string> taken_;                                  ///< identities of specs that share a name
  std::vector<WantedTarget> wanted_;

  std::size_t targets_ = 0;  ///< new entries with a record
  std::vector<PlannedChange> updates_;
  std::vector<PlannedChange> adds_;
  std::size_t* group_count_ = nullptr;
  const std::string* group_ = nullptr;
  Difference difference_;
};

}  // namespace sounder::runtime
