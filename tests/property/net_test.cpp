/// The network's state and its paths against plain models.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cstdint>
#include <map>
#include <vector>

#include "engine/net/paths.h"
#include "engine/net/state.h"
#include "tests/unit/net/network.h"

namespace sounder::net {
namespace {

using namespace testing;

/// Few bits, so that blocks lie in one another and destinations hit them.
base::IpAddress any_address() { return base::IpAddress::v4(*rc::gen::inRange<std::uint32_t>(0, 64) << 26U); }

Route any_route() {
  Route route;
  const auto length = static_cast<std::uint8_t>(*rc::gen::inRange(0, 7));
  route.destination = {masked(any_address(), length), length};
  route.table = *rc::gen::element(254U, 255U);
  route.metric = *rc::gen::inRange(0U, 3U);
  route.interface = InterfaceIndex(*rc::gen::inRange(1U, 4U));
  route.kind = *rc::gen::element(RouteKind::kUnicast, RouteKind::kLocal, RouteKind::kBlackhole);
  if (*rc::gen::arbitrary<bool>()) route.gateway = any_address();
  return route;
}

/// The route that serves a destination, by looking at all: local table first, then the longest, then the cheapest.
const Route* looked_for(const std::map<RouteKey, Route>& routes, const PathQuery& query) {
  const auto rank = [](const Route& r) { return std::tuple(r.table == 255 ? 0 : 1, -r.destination.length, r.metric); };
  const Route* best = nullptr;
  for (const auto& [key, route] : routes) {
    if (masked(query.destination, route.destination.length) != route.destination.address) continue;
    const bool bound = query.interface != InterfaceIndex() && route.kind != RouteKind::kLocal;
    if (bound && route.interface != query.interface) continue;
    if (best == nullptr || rank(route) < rank(*best)) best = &route;
  }
  return best;
}

Path::Kind kind_of(const Route* route) {
  if (route == nullptr || route->kind == RouteKind::kBlackhole) return Path::Kind::kNone;
  if (route->kind == RouteKind::kLocal) return Path::Kind::kLocal;
  return route->gateway ? Path::Kind::kGateway : Path::Kind::kOnLink;
}

RC_GTEST_PROP(Paths, AreWhatALookAtEveryRouteFinds, ()) {
  State state;
  std::map<RouteKey, Route> model;
  state.apply(begin());
  for (std::uint32_t i = 1; i < 4; ++i) state.apply(present(link(i)));
  const int routes = *rc::gen::inRange(0, 20);
  for (int i = 0; i < routes; ++i) {
    const Route route = any_route();
    state.apply(present(route));
    model.insert_or_assign(key_of(route), route);
  }
  state.apply(end());
  const auto paths = make_paths(state);
  for (int i = 0; i < 20; ++i) {
    const PathQuery query{any_address(), InterfaceIndex(*rc::gen::inRange(0U, 4U)), 0};
    const Path path = paths->find(query);
    const Route* expected = looked_for(model, query);
    RC_ASSERT(path.kind == kind_of(expected));
    if (expected != nullptr) RC_ASSERT(path.interface == expected->interface);
  }
}

/// A kernel that changes, notices of which some are lost, and resyncs of which some are interrupted: one that ends,
/// with every change noticed since it began, leaves the state equal to the kernel.
RC_GTEST_PROP(NetworkState, EndsEqualToTheKernelAfterAResync, ()) {
  State state;
  std::map<RouteKey, Route> kernel;
  const auto change = [&](bool noticed) {
    const Route route = any_route();
    const bool present = *rc::gen::arbitrary<bool>();
    if (present) kernel.insert_or_assign(key_of(route), route);
    if (!present) kernel.erase(key_of(route));
    if (noticed) state.apply(Update{present ? Update::Kind::kPresent : Update::Kind::kGone, route});
  };
  const int steps = *rc::gen::inRange(0, 60);
  for (int i = 0; i < steps; ++i) change(*rc::gen::arbitrary<bool>());
  for (bool whole = false; !whole;) {
    whole = *rc::gen::element(true, true, false);
    state.apply(begin());
    const auto dump = kernel;
    for (const auto& [key, route] : dump) state.apply(present(route));
    const int meanwhile = *rc::gen::inRange(0, 5);
    for (int i = 0; i < meanwhile; ++i) change(true);
    state.apply(whole ? end() : interrupted());
  }
  RC_ASSERT(state.complete());
  RC_ASSERT(state.routes().size() == kernel.size());
  for (const auto& [key, route] : kernel) RC_ASSERT(state.routes().at(key).object == route);
}

}  // namespace
}  // namespace sounder::net
