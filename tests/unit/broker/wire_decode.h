/// The wire's values back into ours, for tests: what the library of clients does in its own types.
#pragma once

#include <optional>
#include <string>

#include "engine/broker/broker_generated.h"
#include "engine/broker/wire_requests.h"
#include "engine/net/objects.h"

namespace sounder::broker::testing {

inline std::optional<base::IpAddress> address_of(const protocol::Address* address) {
  return address == nullptr ? std::nullopt : from_wire(*address).value();
}

inline net::Object object_of(const protocol::Change& change) {
  if (const auto* interface = change.interface()) {
    return net::Interface{net::InterfaceIndex(interface->index()),
                          interface->name()->str(),
                          interface->up(),
                          interface->carrier(),
                          interface->loopback(),
                          interface->mtu()};
  }
  if (const auto* own = change.address()) {
    return net::InterfaceAddress{net::InterfaceIndex(own->interface()), address_of(own->address()).value(),
                                 own->prefix_length(), own->usable()};
  }
  const auto* route = change.route();
  return net::Route{{address_of(route->destination()).value(), route->prefix_length()},
                    route->table_id(),
                    route->metric(),
                    net::InterfaceIndex(route->interface()),
                    address_of(route->gateway()),
                    static_cast<net::RouteKind>(route->kind()),
                    address_of(route->preferred_source()),
                    route->link_down()};
}

}  // namespace sounder::broker::testing
