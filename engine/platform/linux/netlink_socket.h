/// A socket of rtnetlink(7): requests out, datagrams in.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "engine/base/result.h"
#include "engine/platform/linux/file_descriptor.h"

namespace sounder::platform {

/// What one receive call found.
struct NetlinkDatagram {
  enum class Kind : std::uint8_t {
    kNothing,  ///< the socket is empty
    kMessages,
    kLost,  ///< the kernel dropped messages for want of room, or one was larger than the buffer
  };
  Kind kind = Kind::kNothing;
  std::span<const std::byte> bytes;  ///< in the caller's buffer
};

class NetlinkSocket {
 public:
  /// `groups`: rtnetlink multicast groups to follow (RTMGRP_* or'ed), 0 for a socket that only asks. `receive_buffer`:
  /// bytes asked for; what is granted beyond net.core.rmem_max needs CAP_NET_ADMIN.
  [[nodiscard]] static base::Result<NetlinkSocket> open(std::uint32_t groups, std::size_t receive_buffer);

  /// Asks for a dump of `type` (RTM_GETLINK, …) of an address family. Never blocks.
  [[nodiscard]] base::Result<void> request_dump(std::uint16_t type, std::uint8_t family, std::uint32_t sequence);
  /// Takes one datagram that the kernel itself sent. Never blocks.
  [[nodiscard]] NetlinkDatagram receive(std::span<std::byte> buffer);
  /// Bytes of receive buffer that the kernel granted.
  [[nodiscard]] std::size_t receive_buffer() const;
  [[nodiscard]] int fd() const { return fd_.get(); }

 private:
  explicit NetlinkSocket(FileDescriptor fd) : fd_(std::move(fd)) {}
  FileDescriptor fd_;
};

}  // namespace sounder::platform
