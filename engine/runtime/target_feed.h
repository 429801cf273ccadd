/// From the configuration and the resolved names to what the engine runs: the only maker of target deltas and the owner
/// of the list that exporters read.
#pragma once

#include <boost/asio/io_context.hpp>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/log.h"
#include "engine/io/clock.h"
#include "engine/io/resolver.h"
#include "engine/probe/snapshot.h"
#include "engine/probe/target_spec.h"
#include "engine/runtime/catalog_build.h"
#include "engine/runtime/name_table.h"
#include "engine/runtime/probe_observer.h"
#include "engine/runtime/target_directory.h"
#include "engine/runtime/workers.h"

namespace sounder::runtime {

/// What the feed needs around it. References outlive the feed.
struct TargetFeedContext {
  boost::asio::io_context& service;
  const io::Clock& clock;
  base::Logger& log;
  Workers& workers;
  std::shared_ptr<io::Resolver> resolver;
  std::size_t parallel_lookups = 4;
  /// platform::interface_index: nothing while there is no interface of that name.
  std::function<std::optional<std::uint32_t>(const std::string&)> interface_index;
  /// ProbeLoop::submit.
  std::function<void(std::unique_ptr<probe::TargetDelta>)> submit;
  TargetEvents events;
  /// Of ProbeLoop::request(); empty if nobody calls that.
  std::function<void(const probe::EchoResult&)> echo;
};

/// Service thread. A difference is computed in slices, each a turn of the loop, and goes to the engine in deltas of
/// bounded size, one at a time. What changes meanwhile (answers of name servers, interfaces) is gathered into the next.
/// The list changes when the engine has applied all of a difference: it always names what runs.
///
/// - A target keeps its record, and so counters, phase and probes in flight, as long as its identity (group, target,
///   address) is configured. Other labels are a new TargetInfo on the same record.
/// - A name without an address is an entry without a record.
/// - Two entries of one group and target that come to the same address are one target: the first one's. It is logged.
/// - `source` applies to targets of its own family; a name with `family: any` follows the source's family.
/// - An interface (`interface:`, or the zone of `fe80::1%eth0`) that does not exist makes the sends of its targets fail
///   (`no_device`), and is looked for every few seconds, and whenever look_at_interfaces() is called.
class TargetFeed final : public ProbeObserver {
 public:
  explicit TargetFeed(TargetFeedContext context);
  ~TargetFeed() override;

  /// Makes `specs` what runs. `applied` is called when the engine has all of it, names as far as they are known by
  /// then; a later call before that takes this one's place, and calls both when it is applied.
  void configure(TargetSpecs specs, const NameSettings& names, std::function<void()> applied);
  /// Interfaces may have come or gone, or have come back with another index.
  void look_at_interfaces();
  /// No callback of the feed runs afterwards. Idempotent.
  void stop();

  /// All targets in the order of the configuration. Never null.
  [[nodiscard]] probe::Snapshot snapshot() const;
  /// The number of entries of each group that has one.
  [[nodiscard]] const std::map<std::string, std::size_t>& targets_by_group() const;
  /// Whether a target that runs has this address, in whatever zone.
  [[nodiscard]] bool has_address(const base::IpAddress& address) const;

  void on_applied(std::unique_ptr<probe::TargetDelta> delta) override;
  void on_outcome(const probe::Outcome& outcome) override;
  void on_outcomes_lost(std::uint64_t count) override;
  void on_stray(const probe::StrayReply& stray) override;
  void on_change(const probe::StateChange& change) override;
  void on_echo(const probe::EchoResult& result) override;

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace sounder::runtime
