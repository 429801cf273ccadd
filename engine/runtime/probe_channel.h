/// What passes between the service thread and the probe thread, and nothing else does.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "engine/net/paths.h"
#include "engine/probe/echo.h"
#include "engine/probe/engine.h"
#include "engine/probe/events.h"
#include "engine/runtime/ring.h"

namespace sounder::runtime {

/// How many events of each kind may wait for the service thread. Zero: nobody listens, and they cost nothing.
struct EventCapacities {
  std::size_t outcomes = 0;
  std::size_t strays = 0;
  std::size_t changes = 4096;
};

/// An outcome, and how many had to be left out just before it.
struct ReportedOutcome {
  probe::Outcome outcome;
  std::uint64_t lost_before = 0;
};

/// Commands one way, what became of them and events the other. No side ever waits for the other: an event that finds
/// its ring full is counted as lost.
struct ProbeChannel {
  /// Echo requests on their way to the engine; beyond, whoever asks is told to come back.
  static constexpr std::size_t kRequests = 1024;

  /// `max_requests`: echoes without a result at once. Their results always find room.
  explicit ProbeChannel(const EventCapacities& capacities, std::size_t max_requests = 0)
      : requests(std::min(max_requests, kRequests)),
        echoes(max_requests),
        outcomes(capacities.outcomes),
        strays(capacities.strays),
        changes(capacities.changes) {}

  Ring<std::unique_ptr<probe::TargetDelta>> deltas{1};   ///< to the probe thread
  Ring<std::unique_ptr<probe::TargetDelta>> applied{1};  ///< back, with the memory that is to be freed
  Ring<std::shared_ptr<const net::Paths>> paths{1};      ///< to the probe thread, at most one at a time
  Ring<std::shared_ptr<const net::Paths>> old_paths{1};  ///< back, null for the first: whoever made them frees them
  Ring<probe::EchoRequest> requests;                     ///< to the probe thread
  Ring<probe::EchoResult> echoes;                        ///< back
  std::atomic<bool> outcomes_wanted{true};               ///< set by the service thread: else they cost nothing
  Ring<ReportedOutcome> outcomes;
  Ring<probe::StrayReply> strays;
  Ring<probe::StateChange> changes;
  std::atomic<std::uint64_t> events_lost{0};
};

}  // namespace sounder::runtime
