/// A daemon that says what a test wants it to say.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "exporters/daemon_status.h"

namespace sounder::exporters::testing {

/// Outlives what its status() was handed to.
struct FakeDaemon {
  probe::Snapshot snapshot = std::make_shared<probe::TargetList>();
  bool ready = true;
  ReloadStatus reload_status;
  std::map<std::string, std::size_t> groups{{"lan", 1}};
  base::ProcessNumbers process{1.5, 12, 1024, 3'000'000, 2'000'000, 1.7e9};
  std::uint64_t mismatches = 0;
  NetworkNumbers network;
  BrokerNumbers broker;
  probe::EngineNumbers engine;
  std::vector<ReloadDone> reloads;  ///< that were asked for and have not been ended

  [[nodiscard]] DaemonStatus status() {
    DaemonStatus status;
    status.snapshot = [this] { return snapshot; };
    status.ready = [this] { return ready; };
    status.reload_status = [this] { return reload_status; };
    status.targets_by_group = [this] { return groups; };
    status.process = [this] { return process; };
    status.accounting_mismatches = [this] { return mismatches; };
    status.network = [this] { return network; };
    status.broker = [this] { return broker; };
    status.reload = [this](ReloadDone done) { reloads.push_back(std::move(done)); };
    status.engine = &engine;
    status.version = "1.2.3";
    return status;
  }
};

}  // namespace sounder::exporters::testing
