/// The seam to the system's notices of interface, address and route changes: one watch for the whole daemon.
#pragma once

#include <cstdint>
#include <functional>
#include <span>

#include "engine/net/objects.h"

namespace sounder::io {

struct NetworkWatchNumbers {
  std::uint64_t overruns = 0;  ///< the system lost notices
  std::uint64_t resyncs = 0;   ///< dumps of all tables that were reported after the first
  std::uint64_t updates = 0;   ///< objects reported, dumps included
  bool polling = false;        ///< the system gives no notices: the tables are read now and then
};

/// Everything happens on the executor that the watch was made with (the service thread's).
class NetworkWatch {
 public:
  /// A batch of events in order, of bounded size; borrowed during the call. Must not destroy the watch.
  using Handler = std::function<void(std::span<const net::WatchEvent>)>;

  NetworkWatch() = default;
  NetworkWatch(const NetworkWatch&) = delete;
  NetworkWatch& operator=(const NetworkWatch&) = delete;
  /// No handler runs after it returned; never waits for the network.
  virtual ~NetworkWatch() = default;

  /// Begins with a dump (Resync kBegin … kEnd) of all tables, then reports changes as they come. Once.
  virtual void start(Handler handler) = 0;
  [[nodiscard]] virtual NetworkWatchNumbers numbers() const = 0;
};

}  // namespace sounder::io
