/// Short words for networks in tests.
#pragma once

#include <string>

#include "engine/net/objects.h"
#include "engine/net/prefix.h"

namespace sounder::net::testing {

inline base::IpAddress ip(const std::string& text) { return base::IpAddress::parse(text).value(); }

/// "192.0.2.0/24", or an address alone.
inline Prefix block(const std::string& text) {
  const std::size_t slash = text.find('/');
  const base::IpAddress address = ip(text.substr(0, slash));
  const int all = address.is_v4() ? 32 : 128;
  const int length = slash == std::string::npos ? all : std::stoi(text.substr(slash + 1));
  return {address, static_cast<std::uint8_t>(length)};
}

inline Interface link(std::uint32_t index, bool carrier = true) {
  return {InterfaceIndex(index), "eth" + std::to_string(index), true, carrier, false, 1500};
}

inline Route route(const std::string& destination, std::uint32_t interface, std::optional<std::string> gateway = {}) {
  Route route;
  route.destination = block(destination);
  route.table = 254;
  route.interface = InterfaceIndex(interface);
  if (gateway) route.gateway = ip(*gateway);
  return route;
}

inline Route refusing(const std::string& destination, RouteKind kind) {
  Route refusing = route(destination, 1);
  refusing.kind = kind;
  return refusing;
}

inline WatchEvent present(const Object& object) { return Update{Update::Kind::kPresent, object}; }
inline WatchEvent gone(const Object& object) { return Update{Update::Kind::kGone, object}; }
inline WatchEvent begin() { return Resync{Resync::Mark::kBegin}; }
inline WatchEvent end() { return Resync{Resync::Mark::kEnd}; }
inline WatchEvent interrupted() { return Resync{Resync::Mark::kInterrupted}; }

}  // namespace sounder::net::testing
