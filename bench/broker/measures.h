/// What `scripts/bench broker` measures; each adds its rows.
#pragma once

#include <cstddef>

#include "bench/broker/table.h"

namespace sounder::bench {

/// How much of everything: the full size, or a small one that shows in a minute that nothing has rotted.
struct Size {
  std::size_t rounds = 200;        ///< of single deaths
  std::size_t processes = 1000;    ///< S1
  std::size_t sessions = 4000;     ///< that connect at once
  std::size_t watchers = 1000;     ///< of one event
  std::size_t changes = 600'000;   ///< S3
  std::size_t requests = 900'000;  ///< S2
  std::size_t stopped = 200;
  std::size_t polite = 50;
  std::size_t seconds = 30;  ///< S2, of polite clients

  [[nodiscard]] static Size small() { return {5, 50, 200, 50, 60'000, 30'000, 10, 5, 2}; }
};

/// Registrations, reclaim and stalls of one owner of 300,000, beside Redis and dbus-broker.
void measure_owners(Table& table);
/// From a single kill -9 to its notice, also where the descriptor lives on.
void measure_deaths(Table& table, const Size& size);
/// Connections: how fast, and what each costs, idle or stalled.
void measure_sessions(Table& table, const Size& size);
/// Changes of the network: to many watchers, at a high rate, and after an overrun.
void measure_watches(Table& table, const Size& size);
/// Frames decoded a second, and what that allocates.
void measure_codec(Table& table);

/// The KB's scenarios in full.
void measure_dead_clients(Table& table, const Size& size);
void measure_flood(Table& table, const Size& size);
void measure_uncancelled(Table& table, const Size& size);

}  // namespace sounder::bench
