/// One client with very many registrations: the figures of Redis, dbus-broker and the daemon side by side.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <sys/types.h>

#include "bench/broker/pinger.h"
#include "bench/broker/table.h"

namespace sounder::bench {

inline constexpr std::size_t kUncounted = SIZE_MAX;

/// A broker that is held to the same: how to do on it what the comparison needs.
struct Subject {
  std::string name;
  pid_t process = 0;
  /// Connects, makes so many registrations and gives the connection, which the caller's process keeps by keeping it.
  std::function<std::function<void()>(std::size_t)> register_all;
  std::function<Exchange()> ping;
  /// How many registrations it has, as it says itself; kUncounted if it says no more than that it has some.
  std::function<std::size_t()> count;
  /// How long the last reclaim took, if it says so itself; else it is asked for the count again and again.
  std::function<std::chrono::nanoseconds()> reclaim_time = {};
};

struct OwnerFigures {
  double rate = 0;            ///< registrations a second
  double bytes_each = 0;      ///< resident
  double growth_mb = 0;       ///< resident
  double reclaim_ms = 0;      ///< from the kill to nothing left
  double reclaim_cpu_ms = 0;  ///< of the broker's process, what it uses idle taken off
  double stall_ms = 0;        ///< the longest wait of another client meanwhile
  double idle_stall_ms = 0;   ///< of another client while nothing happens
  double released = 0;        ///< part of the growth that is back after a second
};

/// kill -9 of a client with so many. Throws if it does not end as it must.
OwnerFigures measure_owner(const Subject& subject, std::size_t registrations);
/// The middle one of each figure.
OwnerFigures middle_of(const std::vector<OwnerFigures>& rounds);

}  // namespace sounder::bench
