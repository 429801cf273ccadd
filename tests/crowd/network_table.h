/// What a client knows of the network from what a watch tells it, and whether that adds up.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "engine/broker/broker_generated.h"

namespace sounder::crowd {

/// Of level watches: a table that ends equal to the daemon's. What a client in any language would write.
class NetworkTable {
 public:
  void take(const protocol::Changes& message);

  /// A first snapshot has ended, and no other has begun since.
  [[nodiscard]] bool complete() const { return complete_; }
  [[nodiscard]] std::size_t size() const { return objects_.size(); }
  [[nodiscard]] std::uint64_t changes() const { return changes_; }
  /// A host route to this IPv4 address.
  [[nodiscard]] bool has_route(std::uint32_t address) const { return objects_.contains(host_route(address)); }
  /// Host routes to addresses from `first` to `last`.
  [[nodiscard]] std::size_t routes_between(std::uint32_t first, std::uint32_t last) const;

 private:
  static std::string host_route(std::uint32_t address);
  static std::string key_of(const protocol::Change& change);

  std::map<std::string, std::uint64_t> objects_;  ///< with the pass that mentioned it last
  std::uint64_t pass_ = 0;
  std::uint64_t changes_ = 0;
  bool complete_ = false;
};

/// Of an edge watch on one kind: every number is told of, or counted as missed, once.
class EventCount {
 public:
  void take(const protocol::ChangeEvents& message);

  [[nodiscard]] std::uint64_t told() const { return told_; }
  [[nodiscard]] std::uint64_t missed() const { return missed_; }
  /// Messages whose numbers do not continue those before.
  [[nodiscard]] std::uint64_t wrong() const { return wrong_; }
  /// Times that the system itself lost count.
  [[nodiscard]] std::uint64_t unknown() const { return unknown_; }

 private:
  std::uint64_t next_ = 0;
  bool begun_ = false;
  std::uint64_t told_ = 0;
  std::uint64_t missed_ = 0;
  std::uint64_t wrong_ = 0;
  std::uint64_t unknown_ = 0;
};

/// Whether one of the changes of a message is that there is the host route to `address`.
[[nodiscard]] bool tells_of_route(const protocol::ChangeEvents& message, std::uint32_t address);

}  // namespace sounder::crowd
