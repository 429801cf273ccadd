/// The network's state as the watch reports it: interfaces, addresses and routes of this host.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>

#include "engine/base/limits.h"
#include "engine/net/objects.h"

namespace sounder::net {

/// Under what the kernel knows one address of an interface.
struct AddressKey {
  InterfaceIndex interface;
  base::IpAddress address;
  std::uint8_t prefix_length = 0;

  friend auto operator<=>(const AddressKey&, const AddressKey&) = default;
};

/// Under what the kernel knows one next hop of a route.
struct RouteKey {
  std::uint32_t table = 0;
  base::IpAddress destination;
  std::uint8_t prefix_length = 0;
  std::uint32_t metric = 0;
  InterfaceIndex interface;
  std::optional<base::IpAddress> gateway;

  friend auto operator<=>(const RouteKey&, const RouteKey&) = default;
};

[[nodiscard]] AddressKey key_of(const InterfaceAddress& address);
[[nodiscard]] RouteKey key_of(const Route& route);

/// Told of each real change of a State, within apply(), once it has been made. One thread.
class ChangeSink {
 public:
  ChangeSink() = default;
  ChangeSink(const ChangeSink&) = delete;
  ChangeSink& operator=(const ChangeSink&) = delete;
  virtual ~ChangeSink() = default;

  /// Of one that has gone, `update` has the key; the rest is as it was last known.
  virtual void on_change(const Update& update) = 0;
};

/// Without I/O. One thread.
///
/// A resync is mark and sweep: what it mentions is marked, and its end removes the rest. So it changes only what
/// differs, and a state that lost notices ends equal to the kernel's.
class State {
 public:
  template <class T>
  struct Entry {
    T object;
    std::uint64_t epoch = 0;  ///< of the resync that mentioned it last
  };
  using Interfaces = std::map<InterfaceIndex, Entry<Interface>>;
  using Addresses = std::map<AddressKey, Entry<InterfaceAddress>>;
  using Routes = std::map<RouteKey, Entry<Route>>;

  /// `sink`, which outlives the state, may be null.
  explicit State(std::size_t max_objects = base::kMaxNetworkObjects, ChangeSink* sink = nullptr)
      : max_objects_(max_objects), sink_(sink) {}

  /// Applies one event; gives whether anything that paths follow from has changed.
  bool apply(const WatchEvent& event);

  /// A resync has ended, and there was room for all that it mentioned. Before that nothing can be concluded from what
  /// is absent.
  [[nodiscard]] bool complete() const { return complete_; }
  [[nodiscard]] bool policy_routing() const { return policy_routing_; }
  [[nodiscard]] const Interfaces& interfaces() const { return interfaces_; }
  [[nodiscard]] const Addresses& addresses() const { return addresses_; }
  [[nodiscard]] const Routes& routes() const { return routes_; }
  [[nodiscard]] std::size_t size() const { return interfaces_.size() + addresses_.size() + routes_.size(); }

 private:
  bool take(const Update& update);
  bool take(const Resync& resync);
  bool take(const PolicyRouting& policy);
  template <class Table>
  bool put(Table& table, const typename Table::key_type& key, const typename Table::mapped_type& entry);
  template <class Table>
  bool erase(Table& table, const typename Table::key_type& key);
  template <class Table>
  bool sweep(Table& table);
  template <class T>
  void tell(Update::Kind kind, const T& object);

  std::size_t max_objects_;
  ChangeSink* sink_;
  Interfaces interfaces_;
  Addresses addresses_;
  Routes routes_;
  std::uint64_t epoch_ = 0;
  bool overflowed_ = false;  ///< since the last resync began, something found no room
  bool complete_ = false;
  bool policy_routing_ = false;
};

}  // namespace sounder::net
