#include "engine/net/paths.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <tuple>
#include <vector>

#include "engine/net/prefix.h"
#include "engine/net/state.h"

namespace sounder::net {
namespace {

/// Linux' RT_TABLE_LOCAL: asked before all others, whatever the length of what matches there.
constexpr std::uint32_t kLocalTable = 255;

/// A route with what its interface adds to it.
struct Hop {
  base::IpAddress destination;
  std::uint32_t metric = 0;
  InterfaceIndex interface;
  RouteKind kind = RouteKind::kUnicast;
  bool carrier = false;
  std::optional<base::IpAddress> gateway;
};

/// The routes of one family and one step of the lookup, by length, longest first; within a length by destination and
/// metric.
class Table {
 public:
  void add(std::uint8_t length, const Hop& hop) { lengths_[length].push_back(hop); }

  void sort() {
    for (auto& [length, hops] : lengths_) {
      std::stable_sort(hops.begin(), hops.end(), [](const Hop& a, const Hop& b) {
        return std::tie(a.destination, a.metric) < std::tie(b.destination, b.metric);
      });
    }
  }

  [[nodiscard]] std::optional<Path> find(const PathQuery& query) const {
    for (const auto& [length, hops] : lengths_) {
      const base::IpAddress destination = masked(query.destination, length);
      auto hop = std::lower_bound(hops.begin(), hops.end(), destination,
                                  [](const Hop& a, const base::IpAddress& b) { return a.destination < b; });
      const auto end = std::find_if(hop, hops.end(), [&](const Hop& h) { return h.destination != destination; });
      hop = std::find_if(hop, end, [&](const Hop& h) { return serves(h, query); });
      if (hop != end) return path(hop, end, query);
    }
    return std::nullopt;
  }

 private:
  using Hops = std::vector<Hop>;

  /// Whoever names an interface is served by its routes alone; this host's own addresses are reached anyhow.
  static bool serves(const Hop& hop, const PathQuery& query) {
    return query.interface == InterfaceIndex() || hop.interface == query.interface || hop.kind == RouteKind::kLocal;
  }

  /// Of the next hops from `best` on that are as good as it. Which one the kernel takes for a flow is its own affair.
  static Path path(Hops::const_iterator best, Hops::const_iterator end, const PathQuery& query) {
    Path path{Path::Kind::kNone, best->interface, best->carrier, best->gateway.value_or(query.destination)};
    if (best->kind == RouteKind::kLocal) {
      path.kind = Path::Kind::kLocal;
      path.carrier = true;
    } else if (best->kind == RouteKind::kUnicast) {
      path.kind = best->gateway ? Path::Kind::kGateway : Path::Kind::kOnLink;
      path.carrier = std::any_of(
          best, end, [&](const Hop& hop) { return hop.metric == best->metric && serves(hop, query) && hop.carrier; });
    }
    return path;
  }

  std::map<std::uint8_t, Hops, std::greater<>> lengths_;
};

class RoutingTables final : public Paths {
 public:
  explicit RoutingTables(const State& state) : known_(state.complete() && !state.policy_routing()) {
    if (!known_) return;
    for (const auto& [index, entry] : state.interfaces()) interfaces_.push_back(index);
    for (const auto& [key, entry] : state.addresses()) add_own(entry.object);
    for (const auto& [key, entry] : state.routes()) add(entry.object, state);
    for (auto& family : tables_) {
      for (Table& table : family) table.sort();
    }
  }

  [[nodiscard]] Path find(const PathQuery& query) const override {
    if (!known_ || query.mark != 0) return {};
    PathQuery scoped = query;
    // A scoped destination is on the interface that its scope names (RFC 4007 §6).
    if (query.destination.scope() != 0) scoped.interface = InterfaceIndex(query.destination.scope());
    // The system's refusal says better what is missing than "no route" does.
    if (!exists(scoped.interface)) return {};
    for (const Table& table : tables_.at(index(query.destination.family()))) {
      if (auto path = table.find(scoped)) return *path;
    }
    return {Path::Kind::kNone, {}, false, {}};
  }

 private:
  static std::size_t index(base::Family family) { return family == base::Family::kIpv4 ? 0 : 1; }

  [[nodiscard]] bool exists(InterfaceIndex interface) const {
    return interface == InterfaceIndex() || std::binary_search(interfaces_.begin(), interfaces_.end(), interface);
  }

  /// An address of ours is local also where the system has no route that says so.
  void add_own(const InterfaceAddress& address) {
    const std::uint8_t length = address.address.is_v4() ? 32 : 128;
    tables_.at(index(address.address.family()))
        .front()
        .add(length, {masked(address.address, length), 0, address.interface, RouteKind::kLocal, true, std::nullopt});
  }

  void add(const Route& route, const State& state) {
    if (route.kind == RouteKind::kBroadcast) return;
    const auto found = state.interfaces().find(route.interface);
    const bool alive = found != state.interfaces().end() && found->second.object.up && found->second.object.carrier;
    tables_.at(index(route.destination.address.family()))
        .at(route.table == kLocalTable ? 0 : 1)
        .add(route.destination.length, {masked(route.destination.address, route.destination.length), route.metric,
                                        route.interface, route.kind, alive && !route.link_down, route.gateway});
  }

  bool known_;
  std::vector<InterfaceIndex> interfaces_;      ///< ascending
  std::array<std::array<Table, 2>, 2> tables_;  ///< by family, then local before the rest
};

}  // namespace

std::shared_ptr<const Paths> make_paths(const State& state) { return std::make_shared<const RoutingTables>(state); }

}  // namespace sounder::net
