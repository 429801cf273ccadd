/// What the kernel's tables hold, as values: interfaces, their addresses, and routes.
///
/// Each object has a key, under which the kernel knows one of it at a time, and the rest, which may change.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "engine/base/ip_address.h"
#include "engine/base/strong_id.h"

namespace sounder::net {

/// The kernel's number of an interface; 0 names none.
using InterfaceIndex = base::StrongId<struct InterfaceIndexTag, std::uint32_t>;

/// A block of addresses: the first `length` bits of `address` count, the rest are zero.
struct Prefix {
  base::IpAddress address;
  std::uint8_t length = 0;

  friend bool operator==(const Prefix&, const Prefix&) = default;
};

/// Key: index.
struct Interface {
  InterfaceIndex index;
  std::string name;      ///< Linux: at most 15 bytes; Windows: the alias, UTF-8
  bool up = false;       ///< the administrator wants it up
  bool carrier = false;  ///< packets can leave: Linux IF_OPER_UP or unknown, Windows connected
  bool loopback = false;
  std::uint32_t mtu = 0;  ///< bytes

  friend bool operator==(const Interface&, const Interface&) = default;
};

/// An address of this host. Key: interface, address, prefix length (Linux keeps the same address once per prefix).
struct InterfaceAddress {
  InterfaceIndex interface;
  base::IpAddress address;
  std::uint8_t prefix_length = 0;
  bool usable = true;  ///< false: duplicate address detection has not passed it (RFC 4862 §5.4)

  friend bool operator==(const InterfaceAddress&, const InterfaceAddress&) = default;
};

/// What a route does with the packets it matches.
enum class RouteKind : std::uint8_t {
  kUnicast,      ///< on the link, or to the gateway
  kLocal,        ///< an address of this host
  kBroadcast,    ///< also anycast and multicast: nothing that we probe
  kBlackhole,    ///< dropped silently
  kUnreachable,  ///< refused
  kProhibit,     ///< refused
};

/// Key: destination, table, metric, and, since a route may have several next hops, interface and gateway.
struct Route {
  Prefix destination;
  std::uint32_t table = 0;  ///< Linux: RT_TABLE_MAIN (254), RT_TABLE_LOCAL (255), …; Windows: 0
  std::uint32_t metric = 0;
  InterfaceIndex interface;
  std::optional<base::IpAddress> gateway;  ///< none: the destination is on the link
  RouteKind kind = RouteKind::kUnicast;
  std::optional<base::IpAddress> preferred_source;
  bool link_down = false;  ///< Linux RTNH_F_LINKDOWN: its interface has lost its carrier

  friend bool operator==(const Route&, const Route&) = default;
};

using Object = std::variant<Interface, InterfaceAddress, Route>;

/// An object as it is now, or the key of one that has gone.
struct Update {
  enum class Kind : std::uint8_t { kPresent, kGone };
  Kind kind = Kind::kPresent;
  Object object;

  friend bool operator==(const Update&, const Update&) = default;
};

/// A new dump of all tables begins or has ended. What was not reported between the two no longer exists. It can end
/// "interrupted": then nothing is swept, and another follows.
struct Resync {
  enum class Mark : std::uint8_t { kBegin, kEnd, kInterrupted };
  Mark mark = Mark::kBegin;

  friend bool operator==(const Resync&, const Resync&) = default;
};

/// Whether routes are chosen by more than the destination: rules beside the three that every Linux has. Then the tables
/// alone do not tell where a packet goes.
struct PolicyRouting {
  bool active = false;

  friend bool operator==(const PolicyRouting&, const PolicyRouting&) = default;
};

/// What a watch reports, in order.
using WatchEvent = std::variant<Update, Resync, PolicyRouting>;

}  // namespace sounder::net
