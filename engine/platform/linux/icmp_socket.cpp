#include "engine/platform/linux/icmp_socket.h"

#include <linux/net_tstamp.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>

#include "engine/platform/linux/filter.h"
#include "engine/platform/linux/socket_address.h"
#include "engine/platform/linux/socket_options.h"

namespace sounder::platform {

namespace {

using Status = base::Result<void>;

struct Option {
  int level;
  int name;
  int value;
  const char* text;
};

/// Sets one after the other; the first refusal ends it.
template <std::size_t n>
Status set_all(int fd, const std::array<Option, n>& options) {
  for (const Option& option : options) {
    if (auto set = set_option(fd, option.level, option.name, option.value, option.text); !set) return set;
  }
  return {};
}

const char* purpose(base::Family family, SocketKind kind) {
  if (kind == SocketKind::kRaw) {
    return family == base::Family::kIpv4 ? "open a raw ICMPv4 socket" : "open a raw ICMPv6 socket";
  }
  return family == base::Family::kIpv4 ? "open an unprivileged ICMPv4 socket" : "open an unprivileged ICMPv6 socket";
}

/// RECVERR on raw sockets is for hearing ENOBUFS: without it the stack's own drops look like successful sends. On ping
/// sockets it is the only way to hear of ICMP errors.
Status set_ipv4_options(const IcmpSocket& socket) {
  const std::array options = {
      Option{IPPROTO_IP, IP_RECVERR, 1, "set IP_RECVERR"},
      Option{IPPROTO_IP, IP_TTL, kDefaultTtl, "set IP_TTL"},
      Option{IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DONT, "set IP_MTU_DISCOVER"},
  };
  // A raw socket delivers the IP header, which has both.
  const std::array ping_options = {
      Option{IPPROTO_IP, IP_RECVTTL, 1, "set IP_RECVTTL"},
      Option{IPPROTO_IP, IP_PKTINFO, 1, "set IP_PKTINFO"},
  };
  auto set = set_all(socket.fd.get(), options);
  return set && !socket.is_raw() ? set_all(socket.fd.get(), ping_options) : set;
}

Status set_ipv6_options(const IcmpSocket& socket) {
  const std::array options = {
      Option{IPPROTO_IPV6, IPV6_RECVERR, 1, "set IPV6_RECVERR"},
      Option{IPPROTO_IPV6, IPV6_UNICAST_HOPS, kDefaultTtl, "set IPV6_UNICAST_HOPS"},
      Option{IPPROTO_IPV6, IPV6_RECVHOPLIMIT, 1, "set IPV6_RECVHOPLIMIT"},
      Option{IPPROTO_IPV6, IPV6_RECVPKTINFO, 1, "set IPV6_RECVPKTINFO"},
  };
  return set_all(socket.fd.get(), options);
}

void enable_stamps(IcmpSocket& socket, const PacketIoConfig& config) {
  unsigned flags = SOF_TIMESTAMPING_SOFTWARE;
  if (config.rx_stamps) flags |= SOF_TIMESTAMPING_RX_SOFTWARE;
  // OPT_TSONLY: the stamp comes back without the packet, so that its memory is a small packet's.
  if (config.tx_stamps) flags |= SOF_TIMESTAMPING_TX_SOFTWARE | SOF_TIMESTAMPING_OPT_ID | SOF_TIMESTAMPING_OPT_TSONLY;
  const bool set =
      set_option(socket.fd.get(), SOL_SOCKET, SO_TIMESTAMPING, static_cast<int>(flags), "stamp").has_value();
  socket.tx_stamps = set && config.tx_stamps;
  socket.rx_stamps = set && config.rx_stamps;
}

/// The port of a ping socket is its identifier. SO_REUSEADDR, which they have by default, would let anybody else bind
/// the same one and take our replies.
Status bind_identifier(IcmpSocket& socket, std::uint16_t wanted) {
  const int fd = socket.fd.get();
  if (auto set = set_option(fd, SOL_SOCKET, SO_REUSEADDR, 0, "clear SO_REUSEADDR"); !set) return set;
  const base::IpAddress any = socket.is_v4() ? base::IpAddress() : base::IpAddress::v6({});
  SocketAddress address{};
  socklen_t size = to_native(any, address, wanted);
  int bound = ::bind(fd, &address.any, size);
  if (bound != 0 && errno == EADDRINUSE) {
    size = to_native(any, address, 0);
    bound = ::bind(fd, &address.any, size);
  }
  if (bound != 0 || getsockname(fd, &address.any, &size) != 0) {
    return tl::unexpected(system_error("bind an ICMP socket to an identifier", errno));
  }
  socket.identifier = wire::Identifier(ntohs(socket.is_v4() ? address.v4.sin_port : address.v6.sin6_port));
  return {};
}

/// Forgets what came in before the filter was there.
void drain(int fd) {
  std::array<std::byte, 1> byte{};
  while (::recv(fd, byte.data(), byte.size(), MSG_DONTWAIT) >= 0 || errno != EAGAIN) {
  }
}

Status set_up(IcmpSocket& socket, const PacketIoConfig& config) {
  socket.receive_buffer = set_buffer(socket.fd.get(), Buffer::kReceive, config.receive_buffer);
  socket.send_buffer = set_buffer(socket.fd.get(), Buffer::kSend, config.send_buffer);
  enable_stamps(socket, config);
  if (auto set = socket.is_v4() ? set_ipv4_options(socket) : set_ipv6_options(socket); !set) return set;
  if (!socket.is_raw()) return bind_identifier(socket, config.identifier);
  if (auto set = set_icmp_types(socket.fd.get(), socket.family); !set) return set;
  socket.identifier = wire::Identifier(config.identifier);
  drain(socket.fd.get());
  return attach_echo_filter(socket.fd.get(), socket.family, socket.identifier);
}

}  // namespace

base::Result<IcmpSocket> open_icmp_socket(base::Family family, SocketKind kind, const PacketIoConfig& config) {
  const int type = kind == SocketKind::kRaw ? SOCK_RAW : SOCK_DGRAM;
  const int protocol = family == base::Family::kIpv4 ? int{IPPROTO_ICMP} : int{IPPROTO_ICMPV6};
  IcmpSocket socket;
  socket.fd = FileDescriptor(::socket(to_native(family), type | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol));
  if (!socket.fd) return tl::unexpected(system_error(purpose(family, kind), errno));
  socket.family = family;
  socket.kind = kind;
  if (kind == SocketKind::kRaw) {
    if (auto closed = attach_closed_filter(socket.fd.get()); !closed) return tl::unexpected(closed.error());
  }
  if (auto ready = set_up(socket, config); !ready) return tl::unexpected(ready.error());
  return socket;
}

}  // namespace sounder::platform
