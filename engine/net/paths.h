/// How packets leave this host, looked up by destination: the routes and links of one moment, made to be handed to
/// another thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "engine/base/ip_address.h"
#include "engine/net/objects.h"

namespace sounder::net {

class State;

/// Where a packet to some destination goes first.
struct Path {
  enum class Kind : std::uint8_t {
    kUnknown,  ///< nothing is claimed: no dump yet, policy routing, a mark, an interface that does not exist
    kNone,     ///< no route, or one that refuses or drops
    kLocal,    ///< to this host itself
    kOnLink,   ///< the destination is its own next hop
    kGateway,  ///< `next_hop` is a router on the link
  };
  Kind kind = Kind::kUnknown;
  InterfaceIndex interface;
  bool carrier = false;  ///< the interface is up and has its carrier; true of kLocal
  base::IpAddress next_hop;

  friend bool operator==(const Path&, const Path&) = default;
};

/// What a target asks of its path beside the destination.
struct PathQuery {
  base::IpAddress destination;
  InterfaceIndex interface;  ///< 0: any
  std::uint32_t mark = 0;    ///< not 0: policy routing may apply, and nothing is claimed
};

/// Immutable. find() allocates nothing, takes no lock and is safe from any thread. Longest prefix first, then the
/// lowest metric, then the first next hop: the choice among equal next hops is the kernel's, and all must be dead for
/// a path to be without carrier.
class Paths {
 public:
  virtual ~Paths() = default;
  [[nodiscard]] virtual Path find(const PathQuery& query) const = 0;
};

/// The paths of `state` as it is. Service thread. Costs time and memory in proportion to the routes.
[[nodiscard]] std::shared_ptr<const Paths> make_paths(const State& state);

}  // namespace sounder::net
