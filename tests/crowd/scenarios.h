/// The three scenarios of KB 2847346, played with real processes against a real daemon. The tests play them small and
/// want no complaint; `scripts/bench broker` plays them in full and prints the figures; both play them against a naive
/// broker too, and want complaints.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "tests/crowd/broker_daemon.h"
#include "tests/crowd/lives.h"

namespace sounder::crowd {

/// A measured value, in the unit that its name ends with.
struct Figure {
  std::string name;
  double value = 0;
};

struct Findings {
  std::vector<std::string> complaints;  ///< promises that were broken; empty: all were kept
  std::vector<Figure> figures;

  void require(bool kept, const std::string& complaint);
  void note(const std::string& name, double value) { figures.push_back({name, value}); }
  /// The value of a figure; throws std::out_of_range if there is none of that name.
  [[nodiscard]] double figure(const std::string& name) const;
};

/// How patient a scenario is, and what it takes for nothing.
struct Tolerance {
  /// For what is due within 250 ms. Real daemons are given two hundred times that before they are called stuck; ten
  /// times are enough to see that the control never does it.
  std::chrono::milliseconds reclaim{60'000};
  /// Resident memory that a daemon may have more of than before: what its other work touches meanwhile.
  std::size_t resident = std::size_t{1} << 20U;
};

/// Floods the daemon once, after which it has touched all of the memory that it has reserved for such work: places of
/// echoes, which are used in turn so that what ended is remembered for long (engine/base/limits.h: kMaxEchoes), and the
/// pages of the index by address that these addresses fall on. Wants a large window.
void touch_echo_places(BrokerDaemon& daemon);

// ---- S1: clients that die and never said that they would ----

struct DeadClients {
  std::size_t processes = 40;
  Holding holding{};
  bool one_by_one = false;
};

/// All of them, in one variant: afterwards nothing of them is left, and nothing is sent for them.
/// Figures: "killed s", "reclaimed after ms" (from the last end to no registration), "credits after ms".
Findings play_dead_clients(BrokerDaemon& daemon, const DeadClients& sizes, Ending ending,
                           const Tolerance& tolerance = {});
/// The daemon dies instead. Figures: "registered again s".
Findings play_dead_daemon(BrokerDaemon& daemon, std::size_t processes, std::size_t registrations);

// ---- S2: one client sends at a very high rate, others have stopped reading ----

struct Flood {
  std::size_t requests = 60'000;  ///< of the flooder
  std::size_t targets = 10'000;
  std::size_t stopped = 10;
  std::size_t polite = 5;
  std::size_t polite_requests = 20;
  std::size_t alone_requests = 20;  ///< of the polite ones, before there is a flood
  std::chrono::milliseconds period{50};
};

/// Figures: "polite alone p99 ms", "polite p50 ms", "polite p99 ms", "flooder echoes/s", "flood s", "cpu cores",
/// "growth KiB" of resident memory between the first and the last third of the flood.
Findings play_flood(BrokerDaemon& daemon, const Flood& sizes, const Tolerance& tolerance = {});

// ---- S3: watches that nobody cancels ----

struct Uncancelled {
  std::size_t processes = 20;
  std::size_t registrations = 1000;  ///< of each
};

/// (a) All are killed, and the network never changes. Figures: "registrations", "growth MB", "reclaimed after ms",
/// "released after ms" (90 % of the memory), "reclaim cpu ms".
Findings play_uncancelled(BrokerDaemon& daemon, const Uncancelled& sizes, const Tolerance& tolerance = {});

struct StoppedWatchers {
  std::size_t processes = 10;
  std::size_t registrations = 100;  ///< of each
  std::size_t changes = 80'000;     ///< more than the ring of events holds
  enum class Pace : std::uint8_t {
    kOfDaemon,  ///< as fast as it keeps up with: no notice is lost
    kOfKernel,  ///< as fast as the kernel makes them
    kAsleep,    ///< so too, and the daemon is stopped meanwhile: its buffer of notices overruns
  };
  Pace pace = Pace::kOfDaemon;
};

/// (b) All are stopped while routes come and go, then carry on. Figures: "changes/s", "growth KiB", "told", "missed",
/// "overruns", "converged after ms".
Findings play_stopped_watchers(BrokerDaemon& daemon, const StoppedWatchers& sizes, const Tolerance& tolerance = {});

/// (c) One client with `registrations` edge watches beside one with one: an event is told to each of them once.
/// Figures: "bytes by many", "bytes by one".
Findings play_many_watches(BrokerDaemon& daemon, std::size_t registrations, std::size_t changes,
                           const Tolerance& tolerance = {});

}  // namespace sounder::crowd
