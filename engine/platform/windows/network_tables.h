/// The system's tables of interfaces, addresses and routes at one moment, and what changed between two.
#pragma once

#include <vector>

#include "engine/net/objects.h"

namespace sounder::platform::windows {

struct NetworkTables {
  std::vector<net::Interface> interfaces;
  std::vector<net::InterfaceAddress> addresses;
  std::vector<net::Route> routes;
};

/// Brings what the system listed into order: by key, each key once, and routes with their kinds, which Windows tells by
/// what they lead to alone. A loopback interface's blocks get a route where none is listed.
void put_in_order(NetworkTables& tables);

/// Appends what makes `after` of `before`, both in order: first all that is new or different, then what has gone. So a
/// route that is replaced leaves no moment without one.
void append_difference(const NetworkTables& before, const NetworkTables& after, std::vector<net::WatchEvent>& events);

}  // namespace sounder::platform::windows
