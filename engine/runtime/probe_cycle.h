/// One turn of the probe loop, without the loop: what arrived is fed, then commands, then what is due; the engine's
/// actions are flushed in batches. Tests step it with a packet I/O and a clock of their own.
#pragma once

#include <memory>

#include "engine/base/bounded_vector.h"
#include "engine/base/time.h"
#include "engine/io/clock.h"
#include "engine/io/packet_io.h"
#include "engine/probe/engine.h"
#include "engine/runtime/cycle_meter.h"
#include "engine/runtime/probe_channel.h"

namespace sounder::runtime {

/// How a cycle ended, and when the next one is needed.
struct CycleEnd {
  base::MonoTime began{};
  base::MonoTime deadline{};  ///< of the engine; MonoTime::max() if there is none
  bool unfinished = false;    ///< a limit was reached: another cycle is to follow at once
  bool published = false;     ///< something is in a ring for the service thread
};

/// Probe thread. Work is bounded: at most kReceiveRounds batches in, one batch of target changes, kRequestBatch echo
/// requests, kSendRounds batches out. Allocates nothing but at construction.
class ProbeCycle {
 public:
  ProbeCycle(io::PacketIo& io, const io::Clock& clock, const probe::EngineConfig& config, probe::EngineNumbers& numbers,
             ProbeChannel& channel);

  [[nodiscard]] CycleEnd run();
  /// Service thread: gives a delta the memory that it needs, before it enters the channel.
  void prepare(probe::TargetDelta& delta) { engine_.prepare(delta); }

 private:
  /// 4096 packets or 2048 probes: some milliseconds of work.
  static constexpr int kReceiveRounds = 16;
  static constexpr int kSendRounds = 8;
  static constexpr std::size_t kRequestBatch = 256;

  bool feed_received(base::MonoTime now, base::WallTime wall);
  void take_paths();
  bool apply_delta(base::MonoTime now);
  bool take_requests();
  bool meet_deadlines(base::MonoTime now, base::WallTime wall);
  void flush(base::WallTime wall);
  void publish();
  std::uint64_t publish_outcomes();
  void publish_echoes();

  io::PacketIo& io_;
  const io::Clock& clock_;
  ProbeChannel& channel_;
  CycleMeter meter_;
  probe::Engine engine_;
  probe::Actions actions_;
  base::BoundedVector<wire::TxResult> results_;
  std::unique_ptr<probe::TargetDelta> delta_;  ///< the one under way
  std::shared_ptr<const net::Paths> paths_;    ///< what the engine follows
  base::MonoTime drained_{};                   ///< everything that arrived before this has been fed
  std::uint64_t outcomes_lost_ = 0;            ///< since the last that found room
  bool published_ = false;
};

}  // namespace sounder::runtime
