/// Interfaces, addresses and routes of this host, and how a watch tells of them.
#pragma once

#include <boost/asio/ip/address.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include <sounder/error.h>

namespace sounder::client {

/// Kinds of network objects, as bits.
enum class ObjectKinds : std::uint8_t { kInterface = 1, kAddress = 2, kRoute = 4, kAll = 7 };
[[nodiscard]] constexpr ObjectKinds operator|(ObjectKinds left, ObjectKinds right) {
  return static_cast<ObjectKinds>(static_cast<unsigned>(left) | static_cast<unsigned>(right));
}
[[nodiscard]] constexpr bool contains(ObjectKinds kinds, ObjectKinds kind) {
  return (static_cast<unsigned>(kinds) & static_cast<unsigned>(kind)) != 0;
}

/// MIB_IPINTERFACE_ROW. Key: index.
struct Interface {
  std::uint32_t index = 0;
  std::string name = {};
  bool up = false;       ///< the administrator wants it up
  bool carrier = false;  ///< packets can leave
  bool loopback = false;
  std::uint32_t mtu = 0;  ///< bytes

  friend bool operator==(const Interface&, const Interface&) = default;
};

/// MIB_UNICASTIPADDRESS_ROW. Key: interface, address, prefix length.
struct InterfaceAddress {
  std::uint32_t interface_index = 0;
  boost::asio::ip::address address = {};
  std::uint8_t prefix_length = 0;
  bool usable = true;  ///< false: duplicate address detection has not passed it (RFC 4862 §5.4)

  friend bool operator==(const InterfaceAddress&, const InterfaceAddress&) = default;
};

enum class RouteKind : std::uint8_t { kUnicast, kLocal, kBroadcast, kBlackhole, kUnreachable, kProhibit };
[[nodiscard]] const char* to_string(RouteKind kind);

/// MIB_IPFORWARD_ROW2. Key: destination, table, metric, interface and gateway.
struct Route {
  boost::asio::ip::address destination = {};
  std::uint8_t prefix_length = 0;
  std::uint32_t table = 0;  ///< Linux: 254 main, 255 local; Windows: 0
  std::uint32_t metric = 0;
  std::uint32_t interface_index = 0;
  std::optional<boost::asio::ip::address> gateway = {};  ///< empty: the destination is on the link
  RouteKind kind = RouteKind::kUnicast;
  std::optional<boost::asio::ip::address> preferred_source = {};
  bool link_down = false;

  friend bool operator==(const Route&, const Route&) = default;
};

using NetworkObject = std::variant<Interface, InterfaceAddress, Route>;

/// How a watch is told.
enum class WatchMode : std::uint8_t {
  kLevel,  ///< the newest state of each object, each at most once a pass, after a snapshot of all; nothing is missed
  kEdge,   ///< every single change from now on, and an exact count of those that were missed
};

struct WatchEvent {
  enum class Kind : std::uint8_t {
    kSnapshotBegins,  ///< of level watches: all that exists follows
    kSnapshotEnds,    ///< what was not mentioned since kSnapshotBegins does not exist
    kChanged,         ///< `object` is new, or as it is now
    kGone,            ///< `object` (its key; the rest is empty) is no more. It may never have been told of
    kMissed,          ///< changes were lost for this watch: `missed`. Of a level watch a snapshot follows
    kRefused,         ///< the daemon refused the watch: `failure`. Nothing comes before the next connection
  };
  Kind kind = Kind::kChanged;
  std::optional<NetworkObject> object = {};
  std::optional<std::uint64_t> missed = {};  ///< of kMissed; empty: nobody knows how many
  Failure failure = {};

  friend bool operator==(const WatchEvent&, const WatchEvent&) = default;
};

}  // namespace sounder::client
