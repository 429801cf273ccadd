/// Constants of kernels newer than the headers of the oldest system that we build on (Debian 12: Linux 6.1).
#pragma once

#include <sys/socket.h>

namespace sounder::platform {

/// Linux 6.13: the id of a packet's TX stamp, chosen by the sender (include/uapi/asm-generic/socket.h).
inline constexpr int kScmTsOptId = 81;

}  // namespace sounder::platform
