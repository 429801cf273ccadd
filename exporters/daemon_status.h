/// What the exporters ask of the daemon around them. All of it is called on the service thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "engine/base/process_numbers.h"
#include "engine/base/time.h"
#include "engine/broker/statistics.h"
#include "engine/probe/snapshot.h"

namespace sounder::exporters {

struct ReloadStatus {
  bool last_successful = true;
  base::WallTime last_success{};
};

/// What is known of this host's interfaces, addresses and routes, and how it came to be known.
struct NetworkNumbers {
  std::size_t interfaces = 0;
  std::size_t addresses = 0;
  std::size_t routes = 0;
  std::uint64_t updates = 0;
  std::uint64_t overruns = 0;
  std::uint64_t resyncs = 0;
  std::size_t tombstones = 0;  ///< of objects that have gone, for readers who knew them
  bool polling = false;
};

/// What is known of the broker's clients; all zero if there is no broker.
struct BrokerNumbers {
  broker::Statistics statistics;
  broker::ByLevel charged{};  ///< to whoever is charged most at each level
  broker::ByLevel limits{};
  std::uint64_t accept_errors = 0;
  std::uint64_t unwatched = 0;
};

/// How a reload ended: empty on success, else the same text that `sounder check` prints.
using ReloadDone = std::function<void(const std::optional<std::string>& errors)>;

struct DaemonStatus {
  std::function<probe::Snapshot()> snapshot;  ///< never null
  std::function<bool()> ready;                ///< configuration applied, sockets open
  std::function<ReloadStatus()> reload_status;
  std::function<std::map<std::string, std::size_t>()> targets_by_group;
  std::function<base::ProcessNumbers()> process;
  std::function<std::uint64_t()> accounting_mismatches;
  std::function<NetworkNumbers()> network;
  std::function<BrokerNumbers()> broker;
  /// Starts a reload and calls `done` on the service thread when it has been applied or refused.
  std::function<void(ReloadDone done)> reload;
  const probe::EngineNumbers* engine = nullptr;
  std::string version;
};

}  // namespace sounder::exporters
