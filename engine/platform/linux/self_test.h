/// What this kernel can do with stamps, found out by an echo to the loopback address.
#pragma once

#include "engine/platform/linux/icmp_socket.h"
#include "engine/platform/linux/stamp_ids.h"

namespace sounder::platform {

struct StampSupport {
  bool tx = false;
  bool rx = false;
  bool own_ids = false;  ///< SCM_TS_OPT_ID, Linux 6.13
};

/// Sends a few echo requests to 127.0.0.1 or ::1 and takes back all that comes of them. Where none can be sent
/// (loopback is down, a filter), what the socket's options promise is believed. Takes some milliseconds: the kernel
/// switches stamping on machine-wide, and the first packets after that may have none.
[[nodiscard]] StampSupport test_stamps(const IcmpSocket& socket, bool try_own_ids);

}  // namespace sounder::platform
