/// Echo requests of a session: those that wait for credit, and those that the daemon has. Sans I/O.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <unordered_map>
#include <vector>

#include <sounder/outcome.h>

namespace sounder::client {

/// Names a request for whoever made it. Comes back in the daemon's result.
using OperationId = std::uint64_t;

struct QueuedEcho {
  OperationId id = 0;
  EchoRequest request;
};

class EchoQueue {
 public:
  /// At most `max_waiting` requests wait for credit.
  explicit EchoQueue(std::size_t max_waiting) : max_waiting_(max_waiting) {}

  /// False: as many wait as may.
  [[nodiscard]] bool add(OperationId id, const EchoRequest& request);
  /// Forgets a request, wherever it is. False: there is none of that name.
  [[nodiscard]] bool cancel(OperationId id);
  /// The daemon's result came; false if nobody waits for it (any more).
  [[nodiscard]] bool finish(OperationId id);
  /// The daemon refused `count` requests, of which `first` was sent after so many others (modulo 2^32): those of them
  /// that somebody waits for. They are finished, and their credit comes with the next limit.
  [[nodiscard]] std::vector<OperationId> refuse(std::uint32_t first, std::uint32_t count);

  /// A session begins. `limit`: how many requests may have been sent in all, modulo 2^32; `sent`: how many have been,
  /// which tests of the wrap begin with.
  void begin(std::uint32_t limit, std::uint32_t sent = 0);
  void set_limit(std::uint32_t limit) { limit_ = limit; }
  /// The next request that there is credit for; it is in flight from now on.
  [[nodiscard]] std::optional<QueuedEcho> next();
  /// Everything there is, in flight first, each part in the order of its names; nothing is left.
  [[nodiscard]] std::vector<OperationId> drain();

  [[nodiscard]] std::size_t waiting() const { return waiting_.size(); }
  [[nodiscard]] std::size_t in_flight() const { return in_flight_.size(); }

 private:
  const std::size_t max_waiting_;
  std::deque<QueuedEcho> waiting_;
  std::unordered_map<OperationId, std::uint32_t> in_flight_;  ///< how many had been sent before it
  std::uint32_t limit_ = 0;
  std::uint32_t sent_ = 0;  ///< modulo 2^32
};

}  // namespace sounder::client
