#include "engine/probe/delta_memory.h"

#include <algorithm>
#include <utility>

#include "engine/base/check.h"
#include "engine/base/limits.h"

namespace sounder::probe {
namespace {

std::size_t most_at_once(const WindowDemand& demand) {
  return static_cast<std::size_t>(demand.longest_timeout / demand.shortest_interval) + 2;
}

/// Makes places until there are `wanted`; gives the new number of places.
template <class Store>
std::size_t fill_up(std::vector<typename Store::Chunk>& chunks, std::size_t places, std::size_t wanted) {
  for (; places < wanted; places += Store::kChunkSize) chunks.push_back(Store::make_chunk());
  return places;
}

}  // namespace

MemoryPlan::MemoryPlan(std::size_t max_targets, std::size_t in_flight, std::size_t requests)
    : max_targets_(max_targets), first_in_flight_(in_flight + requests), probes_(requests) {}

DeltaMemory MemoryPlan::initial() {
  DeltaMemory memory;
  probe_places_ =
      fill_up<InFlightPool::Store>(memory.probes, probe_places_, std::min(first_in_flight_, base::kMaxInFlight));
  return memory;
}

void MemoryPlan::prepare(TargetDelta& delta) {
  std::size_t most_targets = targets_;
  std::size_t most_probes = probes_;
  for (TargetChange& change : delta.changes) {
    switch (change.kind) {
      case TargetChange::Kind::kAdd:
        add(change);
        break;
      case TargetChange::Kind::kUpdate:
        update(change);
        break;
      case TargetChange::Kind::kRemove:
        remove(change);
        break;
    }
    most_targets = std::max(most_targets, targets_);
    most_probes = std::max(most_probes, probes_);
  }
  SOUNDER_CHECK(most_targets <= max_targets_);
  delta.memory = std::make_shared<DeltaMemory>();
  target_places_ = fill_up<TargetTable::Store>(delta.memory->targets, target_places_, most_targets);
  probe_places_ =
      fill_up<InFlightPool::Store>(delta.memory->probes, probe_places_, std::min(most_probes, base::kMaxInFlight));
}

void MemoryPlan::add(TargetChange& change) {
  SOUNDER_CHECK(change.record && change.plan);
  WindowDemand& demand = change.record->demand();
  demand.longest_timeout = change.plan->options->timeout;
  demand.shortest_interval = change.plan->options->interval;
  change.window = SequenceWindow(most_at_once(demand));
  demand.probes = change.window.capacity();
  probes_ += demand.probes;
  ++targets_;
}

void MemoryPlan::update(TargetChange& change) {
  SOUNDER_CHECK(change.record && change.plan);
  WindowDemand demand = change.record->demand();
  demand.longest_timeout = std::max(demand.longest_timeout, change.plan->options->timeout);
  demand.shortest_interval = std::min(demand.shortest_interval, change.plan->options->interval);
  change.window = SequenceWindow(most_at_once(demand));
  probes_ -= std::exchange(demand.probes, change.window.capacity());
  probes_ += demand.probes;
  if (change.record->options()->buckets != change.plan->options->buckets) {
    change.replacement = make_target_record(*change.plan);
    change.replacement->demand() = demand;
  }
  change.record->demand() = demand;
  change.record->set_options(change.plan->options);
}

void MemoryPlan::remove(const TargetChange& change) {
  SOUNDER_CHECK(change.record);
  probes_ -= change.record->demand().probes;
  --targets_;
}

}  // namespace sounder::probe
