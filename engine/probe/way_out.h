/// Whether a probe can leave this host, as its routes and links have it (design decision 6).
#pragma once

#include <array>
#include <cstddef>

#include "engine/net/objects.h"
#include "engine/net/paths.h"
#include "engine/probe/engine.h"
#include "engine/probe/events.h"

namespace sounder::probe {

/// Where probes to `address` go first. Nothing is claimed (Path::Kind::kUnknown) while `paths` is null.
[[nodiscard]] net::Path path_of(const net::Paths* paths, const base::IpAddress& address,
                                const wire::PacketOptions& packet);

/// Why no packet can leave on this path; kNone if one can, or nothing is claimed.
[[nodiscard]] Reason obstacle_on(const net::Path& path);

/// The state's reason that a failed send stands for.
[[nodiscard]] Reason to_reason(wire::SendFailure failure);

/// Whether one such failure proves that there is no way out. The others may be of a moment: a full queue, a filter with
/// a limit, a gateway that was restarted.
[[nodiscard]] bool proves_no_way(wire::SendFailure failure);

/// Interfaces that give replies to probes without a TX stamp: their drivers do not stamp, so that on them a missing
/// stamp says nothing. Bounded; beyond kInterfaces every interface is in doubt.
class StampDoubts {
 public:
  void add(net::InterfaceIndex interface);
  /// It has given a stamp.
  void remove(net::InterfaceIndex interface);
  [[nodiscard]] bool contains(net::InterfaceIndex interface) const;
  [[nodiscard]] bool empty() const { return size_ == 0; }

 private:
  static constexpr std::size_t kInterfaces = 64;

  std::array<net::InterfaceIndex, kInterfaces> interfaces_{};
  std::size_t size_ = 0;
};

}  // namespace sounder::probe
