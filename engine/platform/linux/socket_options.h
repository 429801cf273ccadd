/// Socket options with errors that say what was tried.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "engine/base/result.h"

namespace sounder::platform {

/// errno as an Error: "set IP_RECVERR: Protocol not available".
[[nodiscard]] base::Error system_error(const char* what, int error);

/// setsockopt of an int.
[[nodiscard]] base::Result<void> set_option(int fd, int level, int option, int value, const char* name);

enum class Buffer { kReceive, kSend };

/// Asks for a buffer of `bytes` as the kernel accounts them (832 for a small packet), beyond net.core.{r,w}mem_max
/// where the right to that is there (CAP_NET_ADMIN), else up to it. Returns what was granted.
std::size_t set_buffer(int fd, Buffer buffer, std::size_t bytes);

/// What SO_MEMINFO tells of a socket's memory, in bytes as the kernel accounts them.
struct SocketMemory {
  std::uint32_t receive_used = 0;  ///< packets and the error queue
  std::uint32_t receive_limit = 0;
  std::uint32_t send_used = 0;  ///< among others packets that wait for a neighbour
  std::uint32_t send_limit = 0;
  std::uint32_t drops = 0;  ///< packets lost since the socket was made; wraps
};
[[nodiscard]] std::optional<SocketMemory> socket_memory(int fd);

}  // namespace sounder::platform
