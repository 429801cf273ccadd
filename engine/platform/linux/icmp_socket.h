/// Opening an ICMP socket so that it never delivers what was not meant for it, and stamps from its first packet on.
#pragma once

#include <cstddef>

#include "engine/base/ip_address.h"
#include "engine/base/result.h"
#include "engine/platform/linux/file_descriptor.h"
#include "engine/platform/platform.h"
#include "engine/wire/packet.h"

namespace sounder::platform {

enum class SocketKind {
  kRaw,   ///< SOCK_RAW: needs CAP_NET_RAW
  kPing,  ///< SOCK_DGRAM: needs the group to be in net.ipv4.ping_group_range
};

/// The TTL of a packet for which nothing else is asked, whatever net.ipv4.ip_default_ttl is.
inline constexpr std::uint8_t kDefaultTtl = 64;

struct IcmpSocket {
  FileDescriptor fd;
  base::Family family = base::Family::kIpv4;
  SocketKind kind = SocketKind::kRaw;
  wire::Identifier identifier;  ///< that requests carry and the filter lets in
  std::size_t receive_buffer = 0;
  std::size_t send_buffer = 0;
  bool tx_stamps = false;  ///< asked for and not refused; self_test.h shows whether they come
  bool rx_stamps = false;

  [[nodiscard]] bool is_v4() const { return family == base::Family::kIpv4; }
  [[nodiscard]] bool is_raw() const { return kind == SocketKind::kRaw; }
};

/// On return the socket holds nothing that arrived before its filter stood. The error's code is EPERM or EACCES where
/// the right is missing, EAFNOSUPPORT or EPROTONOSUPPORT where the family is.
[[nodiscard]] base::Result<IcmpSocket> open_icmp_socket(base::Family family, SocketKind kind,
                                                        const PacketIoConfig& config);

}  // namespace sounder::platform
