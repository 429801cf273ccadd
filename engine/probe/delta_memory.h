/// What a delta needs of memory: reckoned and made on the service thread, adopted on the probe thread.
#pragma once

#include <cstddef>
#include <vector>

#include "engine/probe/engine.h"
#include "engine/probe/in_flight_pool.h"
#include "engine/probe/target_table.h"

namespace sounder::probe {

struct DeltaMemory {
  std::vector<TargetTable::Store::Chunk> targets;
  std::vector<InFlightPool::Store::Chunk> probes;
};

/// Keeps count of what the targets of all deltas so far need, and of what has been given. Service thread only.
///
/// A target has at most timeout / interval + 2 probes in flight, unless packets are unread for so long that nothing may
/// expire: then as many as its window, which is that number rounded up, has room for. All of these are reckoned, so
/// that no target takes another's places. Memory that removed targets leave is used again, and never given back.
class MemoryPlan {
 public:
  /// `in_flight`: places for probes to begin with, whatever the targets need; `requests`: places that are not theirs.
  MemoryPlan(std::size_t max_targets, std::size_t in_flight, std::size_t requests);

  /// The memory to begin with.
  [[nodiscard]] DeltaMemory initial();
  void prepare(TargetDelta& delta);

 private:
  void add(TargetChange& change);
  void update(TargetChange& change);
  void remove(const TargetChange& change);

  std::size_t max_targets_;
  std::size_t first_in_flight_;
  std::size_t targets_ = 0;  ///< at most at once while the delta is applied
  std::size_t probes_;
  std::size_t target_places_ = 0;
  std::size_t probe_places_ = 0;
};

}  // namespace sounder::probe
