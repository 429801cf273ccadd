#include "engine/platform/windows/network_tables.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <optional>
#include <set>
#include <utility>

#include "engine/net/prefix.h"
#include "engine/net/state.h"

namespace sounder::platform::windows {

namespace {

using net::key_of;
net::InterfaceIndex key_of(const net::Interface& interface) { return interface.index; }

template <class T>
void sort_by_key(std::vector<T>& table) {
  const auto before = [](const T& a, const T& b) { return key_of(a) < key_of(b); };
  const auto same = [](const T& a, const T& b) { return key_of(a) == key_of(b); };
  std::stable_sort(table.begin(), table.end(), before);
  table.erase(std::unique(table.begin(), table.end(), same), table.end());
}

std::uint8_t bits_of(const base::IpAddress& address) { return address.is_v4() ? 32 : 128; }

/// The last address of a block of IPv4, where the block is large enough to have one for broadcasts (RFC 3021).
std::optional<base::IpAddress> broadcast_of(const base::IpAddress& address, std::uint8_t length) {
  if (!address.is_v4() || length > 30) return std::nullopt;
  return base::IpAddress::v4(address.v4_host_order() | (~std::uint32_t{0} >> length));
}

/// What routes lead to beside other hosts.
class Neighbourhood {
 public:
  explicit Neighbourhood(const NetworkTables& tables) {
    for (const net::Interface& interface : tables.interfaces) {
      if (interface.loopback) loopbacks_.insert(interface.index);
    }
    for (const net::InterfaceAddress& own : tables.addresses) {
      own_.insert(own.address);
      if (const auto broadcast = broadcast_of(own.address, own.prefix_length)) {
        broadcasts_.insert({own.interface, *broadcast});
      }
    }
  }

  [[nodiscard]] bool loopback(net::InterfaceIndex index) const { return loopbacks_.contains(index); }

  [[nodiscard]] net::RouteKind kind_of(const net::Route& route) const {
    const base::IpAddress& address = route.destination.address;
    const bool host = route.destination.length == bits_of(address);
    if (address.is_multicast() || (host && broadcast(route.interface, address))) return net::RouteKind::kBroadcast;
    const bool local = loopback(route.interface) || (host && own_.contains(address));
    return local ? net::RouteKind::kLocal : net::RouteKind::kUnicast;
  }

 private:
  [[nodiscard]] bool broadcast(net::InterfaceIndex index, const base::IpAddress& address) const {
    constexpr std::uint32_t kLimited = 0xffff'ffff;
    return (address.is_v4() && address.v4_host_order() == kLimited) || broadcasts_.contains({index, address});
  }

  std::set<net::InterfaceIndex> loopbacks_;
  std::set<base::IpAddress> own_;
  std::set<std::pair<net::InterfaceIndex, base::IpAddress>> broadcasts_;
};

/// Wine lists none for 127.0.0.0/8, where Windows does.
void add_loopback_routes(const Neighbourhood& neighbourhood, NetworkTables& tables) {
  const auto listed = [&](const net::Prefix& block, net::InterfaceIndex index) {
    return std::any_of(tables.routes.begin(), tables.routes.end(),
                       [&](const net::Route& route) { return route.interface == index && route.destination == block; });
  };
  for (const net::InterfaceAddress& own : tables.addresses) {
    const net::Prefix block{net::masked(own.address, own.prefix_length), own.prefix_length};
    if (!neighbourhood.loopback(own.interface) || listed(block, own.interface)) continue;
    net::Route route;
    route.destination = block;
    route.interface = own.interface;
    tables.routes.push_back(route);
  }
}

/// Calls `present` for what is new or different in `after`, and `gone` for what is in `before` alone.
template <class T, class Present, class Gone>
void compare(const std::vector<T>& before, const std::vector<T>& after, const Present& present, const Gone& gone) {
  auto old = before.begin();
  for (const T& object : after) {
    for (; old != before.end() && key_of(*old) < key_of(object); ++old) gone(*old);
    const bool known = old != before.end() && key_of(*old) == key_of(object);
    if (!known || *old != object) present(object);
    if (known) ++old;
  }
  for (; old != before.end(); ++old) gone(*old);
}

}  // namespace

void put_in_order(NetworkTables& tables) {
  sort_by_key(tables.interfaces);
  sort_by_key(tables.addresses);
  const Neighbourhood neighbourhood(tables);
  add_loopback_routes(neighbourhood, tables);
  for (net::Route& route : tables.routes) route.kind = neighbourhood.kind_of(route);
  sort_by_key(tables.routes);
}

void append_difference(const NetworkTables& before, const NetworkTables& after, std::vector<net::WatchEvent>& events) {
  std::vector<net::WatchEvent> farewells;
  const auto present = [&](const auto& object) {
    events.emplace_back(net::Update{net::Update::Kind::kPresent, object});
  };
  const auto gone = [&](const auto& object) { farewells.emplace_back(net::Update{net::Update::Kind::kGone, object}); };
  compare(before.interfaces, after.interfaces, present, gone);
  compare(before.addresses, after.addresses, present, gone);
  compare(before.routes, after.routes, present, gone);
  // Backwards: routes leave before the interfaces that they are of.
  events.insert(events.end(), std::make_move_iterator(farewells.rbegin()), std::make_move_iterator(farewells.rend()));
}

}  // namespace sounder::platform::windows
