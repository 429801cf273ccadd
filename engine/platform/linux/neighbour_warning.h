/// The kernel's neighbour table, shared by the whole machine, holds 1024 entries by default: a monitor of more hosts on
/// its own link runs into that, and all it sees is ENOBUFS.
#pragma once

#include <array>

#include "engine/base/ip_address.h"
#include "engine/base/log.h"
#include "engine/base/time.h"
#include "engine/platform/linux/icmp_socket.h"

namespace sounder::platform {

class NeighbourWarning {
 public:
  explicit NeighbourWarning(base::Logger& log) : log_(log) {}

  /// A send on `socket` was refused for want of memory. Once a family, and only while the send buffer is not the cause
  /// and the table may be: logs which sysctl to raise. Looks at most once a second, so that it may read files.
  void on_no_buffer(const IcmpSocket& socket, base::MonoTime now);

 private:
  struct PerFamily {
    bool warned = false;
    base::MonoTime next_look{};
  };

  base::Logger& log_;
  std::array<PerFamily, 2> families_;
};

}  // namespace sounder::platform
