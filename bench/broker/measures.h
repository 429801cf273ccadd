/// What `scripts/bench broker` measures; each adds its rows.
#pragma once

#include <cstddef>

#include "bench/broker/table.h"

namespace sounder::bench {

/// How much of everything: the full size, or a small one that shows in a minute that nothing has rotted.
struct Size {
  std::size_t registrations = 300'000;  ///< of one client, and in S3 of 300 processes
  std::size_t owner_rounds = 3;
  std::size_t deaths = 200;          ///< of single clients
  std::size_t sessions = 4000;       ///< that connect at once
  std::size_t watchers = 1000;       ///< of one event
  std::size_t notices = 300'000;     ///< of the network, to be taken in
  std::size_t addresses = 10'000;    ///< in a dump
  std::size_t processes = 1000;      ///< S1
  std::size_t drift_rounds = 100;    ///< S1
  std::size_t requests = 1'200'000;  ///< S2: what a window of 1,024 takes 30 s for
  std::size_t stopped = 200;         ///< S2
  std::size_t polite = 50;           ///< S2
  std::size_t seconds = 30;          ///< S2, of polite clients
  std::size_t watching = 300;        ///< S3, processes
  std::size_t changes = 1'000'000;   ///< S3

  [[nodiscard]] static Size small() {
    return {.registrations = 30'000,
            .owner_rounds = 1,
            .deaths = 5,
            .sessions = 200,
            .watchers = 50,
            .notices = 60'000,
            .addresses = 500,
            .processes = 50,
            .drift_rounds = 6,
            .requests = 60'000,
            .stopped = 10,
            .polite = 5,
            .seconds = 2,
            .watching = 30,
            .changes = 80'000};
  }
};

/// Registrations, reclaim and stalls of one owner of very many, beside Redis and dbus-broker.
void measure_owners(Table& table, const Size& size);
/// How long a turn of the core takes that gives back a part of what a dead client had.
void measure_slices(Table& table);
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
