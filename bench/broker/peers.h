/// Other brokers in the same run, where they are installed (packages redis-server and dbus-broker).
#pragma once

#include <memory>
#include <optional>

#include "bench/broker/owner.h"

namespace sounder::bench {

/// A server that this process started, on a socket in a folder of its own; ends with the object.
class Peer {
 public:
  Peer() = default;
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;
  virtual ~Peer() = default;
  [[nodiscard]] virtual Subject subject() const = 0;
  /// How much the server grows, in MB, for each of 50 clients that subscribe and don't read, by 100,000 messages of 64
  /// bytes. Empty: it is not asked for that.
  [[nodiscard]] virtual std::optional<double> growth_by_stalled_client() const { return std::nullopt; }
};

/// Null if it is not installed, or can't be started; the reason is printed.
[[nodiscard]] std::unique_ptr<Peer> start_redis();
[[nodiscard]] std::unique_ptr<Peer> start_dbus_broker();

}  // namespace sounder::bench
