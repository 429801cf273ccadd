/// What the probe loop reports to the service thread.
#pragma once

#include <memory>

#include "engine/probe/engine.h"
#include "engine/probe/events.h"

namespace sounder::runtime {

/// All calls come on the service thread; events of one kind in the order in which they happened. An event may come
/// before the on_applied() of the delta that added its target, since a large delta takes many cycles; none comes after
/// the on_applied() of the delta that removed it.
class ProbeObserver {
 public:
  ProbeObserver() = default;
  ProbeObserver(const ProbeObserver&) = delete;
  ProbeObserver& operator=(const ProbeObserver&) = delete;
  virtual ~ProbeObserver() = default;

  /// The whole delta has been applied and comes back with the memory that is to be freed.
  virtual void on_applied(std::unique_ptr<probe::TargetDelta> delta) = 0;
  virtual void on_outcome(const probe::Outcome& outcome) = 0;
  virtual void on_stray(const probe::StrayReply& stray) = 0;
  virtual void on_change(const probe::StateChange& change) = 0;
};

}  // namespace sounder::runtime
