/// The shell around the probing core: a thread, a timer and the packet I/O of this machine.
///
/// What happens in a cycle is probe_cycle.h's; here is only when the next one comes.
#pragma once

#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <memory>

#include "engine/io/clock.h"
#include "engine/io/packet_io.h"
#include "engine/net/paths.h"
#include "engine/probe/echo.h"
#include "engine/probe/engine.h"
#include "engine/runtime/probe_channel.h"
#include "engine/runtime/probe_observer.h"

namespace sounder::runtime {

/// Owns the engine and the thread that runs it. Construct, start and stop it on the service thread.
///
/// The context is the one that `io` was opened on; nobody else runs it. Both outlive the loop.
class ProbeLoop {
 public:
  ProbeLoop(boost::asio::io_context& context, io::PacketIo& io, const io::Clock& clock,
            const probe::EngineConfig& config, const EventCapacities& capacities);
  /// Stops, if nobody did.
  ~ProbeLoop();
  ProbeLoop(const ProbeLoop&) = delete;
  ProbeLoop& operator=(const ProbeLoop&) = delete;

  /// Starts the thread. `observer` is called on the thread of `service` and outlives the loop or its stop().
  void start(boost::asio::io_context& service, ProbeObserver& observer);
  /// Ends the thread within one cycle, whatever the number of targets. No probe is sent and the observer is not called
  /// afterwards. Idempotent.
  void stop();

  /// Hands a change of the target set to the engine; it comes back through ProbeObserver::on_applied(). At most one at
  /// a time: giving a second before the first came back is a bug.
  void submit(std::unique_ptr<probe::TargetDelta> delta);

  /// Has the engine follow these paths from its next cycle on. Of several given in a short time, the last counts.
  void publish_paths(std::shared_ptr<const net::Paths> paths);

  /// Sends one echo beside the targets; its result comes through ProbeObserver::on_echo(). False, if as many as
  /// EngineConfig::max_requests are without a result, or more were given in one cycle than one takes: come back then.
  [[nodiscard]] bool request(const probe::EchoRequest& request);
  /// Whether outcomes leave the probe thread, from its next cycle on; while they don't, they cost nothing. At first
  /// they do, if there is a ring for them.
  void follow_outcomes(bool wanted);

  /// The daemon's own numbers; any thread, as long as the loop exists.
  [[nodiscard]] const probe::EngineNumbers& numbers() const;
  /// Events that did not fit into their ring, because the service thread did not keep up. Any thread.
  [[nodiscard]] std::uint64_t events_lost() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sounder::runtime
