/// What the probe loop reports to the service thread.
#pragma once

#include <cstdint>
#include <memory>

#include "engine/probe/echo.h"
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
  /// So many outcomes that came before the next one were left out, because this thread did not keep up.
  virtual void on_outcomes_lost(std::uint64_t count) = 0;
  virtual void on_stray(const probe::StrayReply& stray) = 0;
  virtual void on_change(const probe::StateChange& change) = 0;
  /// What became of a request that ProbeLoop::request() took.
  virtual void on_echo(const probe::EchoResult& result) = 0;
};

}  // namespace sounder::runtime
