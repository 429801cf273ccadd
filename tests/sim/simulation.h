/// A whole daemon in virtual time: the real engine between a simulated kernel and the oracle, driven in the order of
/// runtime/probe_cycle.h and woken by the rules of runtime/probe_loop.cpp.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "engine/base/bounded_vector.h"
#include "engine/probe/engine.h"
#include "engine/runtime/wake_pacer.h"
#include "tests/sim/host.h"
#include "tests/sim/ledger.h"
#include "tests/sim/network.h"
#include "tests/sim/oracle.h"
#include "tests/sim/packet_pool.h"
#include "tests/sim/random.h"
#include "tests/sim/simulated_packet_io.h"
#include "tests/sim/timeline.h"

namespace sounder::sim {

struct SimulationConfig {
  std::uint64_t seed = 1;
  Kernel kernel = {};
  std::uint64_t rate_limit = 1'000'000;
  std::size_t max_in_flight = 65'536;
  std::size_t max_requests = 256;  ///< few, so that echoes are forgotten
  bool bracket_check = true;
  bool pace = true;  ///< as the daemon: cycles are a millisecond apart where there are many; else each due time is met
  /// How long a wake-up takes at most.
  base::Duration wake_latency = std::chrono::microseconds(20);
};

class Simulation {
 public:
  explicit Simulation(const SimulationConfig& config);

  /// Changes of the target set: collected, and applied as one delta when submit() is called (or the next run begins),
  /// and the one before it has been applied.
  TargetIndex add(const base::IpAddress& address, const probe::ProbeOptions& options);
  TargetIndex add(const base::IpAddress& address, const probe::ProbeOptions& options, const Host& host);
  void update(TargetIndex index, const probe::ProbeOptions& options);
  void remove(TargetIndex index);
  void submit();
  /// One echo beside the targets, handed to the engine at once; `options` as a target has them.
  TargetIndex echo(const base::IpAddress& address, const probe::ProbeOptions& options);

  /// The daemon at work.
  void run_for(base::Duration duration);
  /// Time passes and the daemon does not run: stopped by a signal, or by its hypervisor.
  void stall(base::Duration duration) { timeline_.advance(duration); }
  /// The ways out of this host from now on; they outlive the run. For the whole of a run in which no stamp is lost.
  void follow(const net::Paths& paths) {
    engine_.on_network(&paths);
    oracle_.follow(paths);
  }
  /// Looks at everything that must hold at any moment.
  void check();

  [[nodiscard]] Timeline& timeline() { return timeline_; }
  [[nodiscard]] VirtualClock& clock() { return timeline_.clock(); }
  [[nodiscard]] Network& network() { return network_; }
  [[nodiscard]] SimulatedPacketIo& packet_io() { return io_; }
  [[nodiscard]] Kernel& kernel() { return io_.kernel(); }
  [[nodiscard]] Oracle& oracle() { return oracle_; }
  [[nodiscard]] const probe::Engine& engine() const { return engine_; }
  [[nodiscard]] const probe::EngineNumbers& numbers() const { return numbers_; }
  [[nodiscard]] TargetEntry& target(TargetIndex index) { return ledger_.target(index); }
  [[nodiscard]] probe::TargetNumbers numbers_of(TargetIndex index);
  /// What the engine allocated while it was fed (never for preparing deltas, which is the service thread's).
  [[nodiscard]] static std::uint64_t allocations();

 private:
  bool cycle();
  bool feed(base::MonoTime now, base::WallTime wall);
  void feed_once(const io::Received& received, base::MonoTime now, base::WallTime wall);
  bool apply(base::MonoTime now);
  bool meet_deadlines(base::MonoTime now, base::WallTime wall);
  void flush(base::MonoTime now, base::WallTime wall);
  void wait(base::MonoTime began, bool finished, base::MonoTime end);
  [[nodiscard]] static probe::EngineConfig engine_config(const SimulationConfig& config,
                                                         const io::PacketIoTraits& traits);

  SimulationConfig config_;
  Random random_;
  Timeline timeline_;
  PacketPool pool_;
  Network network_;
  SimulatedPacketIo io_;
  Ledger ledger_;
  Oracle oracle_;
  probe::EngineNumbers numbers_;
  probe::Engine engine_;
  probe::Actions actions_;
  base::BoundedVector<wire::TxResult> results_;
  runtime::WakePacer pacer_;
  base::MonoTime drained_{};

  /// Whom a change is about, and what the target is to be afterwards.
  struct Subject {
    TargetIndex index = 0;
    std::shared_ptr<const probe::ProbeOptions> options;
    wire::PacketOptions packet;
  };
  void collect(probe::TargetChange change, TargetIndex index);
  void applied(const probe::TargetChange& change, const Subject& subject, base::MonoTime now);

  probe::TargetDelta next_;
  std::vector<Subject> next_subjects_;
  std::unique_ptr<probe::TargetDelta> delta_;
  std::vector<Subject> subjects_;
};

}  // namespace sounder::sim
