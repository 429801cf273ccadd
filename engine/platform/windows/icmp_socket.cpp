#include "engine/platform/windows/icmp_socket.h"

#include <algorithm>
#include <limits>
#include <system_error>
#include <utility>

namespace sounder::platform::windows {

namespace {

using Status = base::Result<void>;

constexpr unsigned kDscpShift = 2;  // below are the two bits of ECN (RFC 3168)

// Options that mingw-w64 10 does not name; the numbers are those of ws2ipdef.h.
constexpr int kIpv6TrafficClass = 39;  // IPV6_TCLASS
constexpr int kUnicastInterface = 31;  // IP_UNICAST_IF and IPV6_UNICAST_IF

Status status(int error, const char* what) {
  if (error == 0) return {};
  return base::fail(what, {error, std::system_category()});
}

DWORD option_value(std::size_t bytes) {
  return static_cast<DWORD>(std::min<std::size_t>(bytes, std::numeric_limits<int>::max()));
}

IcmpSocket::Opened open(SocketCalls& calls, base::Family family) {
  int error = 0;
  const SOCKET socket = calls.open(family, error);
  if (socket != INVALID_SOCKET) return std::make_unique<IcmpSocket>(calls, socket, family);
  return base::fail(family == base::Family::kIpv4 ? "open a raw ICMPv4 socket" : "open a raw ICMPv6 socket",
                    {error, std::system_category()});
}

}  // namespace

IcmpSocket::Opened IcmpSocket::open_to_receive(SocketCalls& calls, boost::asio::io_context& loop, base::Family family,
                                               std::size_t buffer) {
  auto opened = open(calls, family);
  if (!opened) return opened;
  IcmpSocket& socket = **opened;
  Status done = socket.set(SOL_SOCKET, SO_RCVBUF, option_value(buffer), "set SO_RCVBUF");
  if (done && family == base::Family::kIpv6) {
    // IPv4 packets come with their header, which has both.
    done = socket.set(IPPROTO_IPV6, IPV6_PKTINFO, 1, "set IPV6_PKTINFO");
    if (done) done = socket.set(IPPROTO_IPV6, IPV6_HOPLIMIT, 1, "set IPV6_HOPLIMIT");
  }
  if (done) done = socket.bind(std::nullopt);
  if (done) done = socket.attach(loop);
  if (!done) return tl::unexpected(done.error());
  return opened;
}

IcmpSocket::Opened IcmpSocket::open_to_send(SocketCalls& calls, boost::asio::io_context& loop, base::Family family,
                                            const wire::PacketOptions& options, std::size_t buffer) {
  auto opened = open(calls, family);
  if (!opened) return opened;
  IcmpSocket& socket = **opened;
  Status done = socket.set(SOL_SOCKET, SO_RCVBUF, 0, "set SO_RCVBUF");
  if (done) done = socket.set(SOL_SOCKET, SO_SNDBUF, option_value(buffer), "set SO_SNDBUF");
  if (done) done = socket.set_options(options);
  if (done) done = socket.bind(options.source);
  if (done) done = socket.attach(loop);
  if (!done) return tl::unexpected(done.error());
  socket.skips_ = calls.skip_completions_on_success(socket.get()) == 0;
  return opened;
}

IcmpSocket::~IcmpSocket() {
  calls_.cancel(socket_);
  if (!owner_) calls_.close(socket_);
}

Status IcmpSocket::set(int level, int name, DWORD value, const char* text) {
  return status(calls_.set_option(socket_, level, name, value), text);
}

Status IcmpSocket::set_options(const wire::PacketOptions& options) {
  const bool v4 = family_ == base::Family::kIpv4;
  const int level = v4 ? int{IPPROTO_IP} : int{IPPROTO_IPV6};
  Status done = v4 ? set(level, IP_TTL, options.ttl, "set IP_TTL")
                   : set(level, IPV6_UNICAST_HOPS, options.ttl, "set IPV6_UNICAST_HOPS");
  if (done && options.dont_fragment) {
    done =
        v4 ? set(level, IP_DONTFRAGMENT, 1, "set IP_DONTFRAGMENT") : set(level, IPV6_DONTFRAG, 1, "set IPV6_DONTFRAG");
  }
  if (done && options.dscp != 0) {
    // Windows may take this and do nothing (README): no call says whether the bits go out.
    const DWORD traffic_class = DWORD{options.dscp} << kDscpShift;
    done = v4 ? set(level, IP_TOS, traffic_class, "set IP_TOS")
              : set(level, kIpv6TrafficClass, traffic_class, "set IPV6_TCLASS");
  }
  if (done && options.interface_index != 0) done = set_interface(options.interface_index);
  return done;
}

/// In network order for IPv4 and in the machine's for IPv6.
Status IcmpSocket::set_interface(std::uint32_t index) {
  return family_ == base::Family::kIpv4 ? set(IPPROTO_IP, kUnicastInterface, htonl(index), "set IP_UNICAST_IF")
                                        : set(IPPROTO_IPV6, kUnicastInterface, index, "set IPV6_UNICAST_IF");
}

Status IcmpSocket::bind(const std::optional<base::IpAddress>& address) {
  const base::IpAddress any = family_ == base::Family::kIpv4 ? base::IpAddress() : base::IpAddress::v6({});
  return status(calls_.bind(socket_, address.value_or(any)), "bind an ICMP socket");
}

Status IcmpSocket::attach(boost::asio::io_context& loop) {
  const int error = calls_.attach(socket_, family_, loop, owner_);
  if (error != 0) owner_.reset();
  return status(error, "use a completion port for ICMP");
}

}  // namespace sounder::platform::windows
