#include "engine/platform/linux/netlink_socket.h"

#include <linux/fib_rules.h>
#include <linux/if_addr.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <limits>
#include <system_error>

namespace sounder::platform {
namespace {

std::error_code last_error() { return {errno, std::generic_category()}; }

void ask_for_buffer(int fd, std::size_t bytes) {
  const int wanted = static_cast<int>(std::min<std::size_t>(bytes, std::numeric_limits<int>::max() / 2));
  if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &wanted, sizeof wanted) != 0) {
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &wanted, sizeof wanted);
  }
}

/// The header that a dump of `type` takes; with strict checking (Linux 4.20) it must be this one, and zero but for the
/// family, which comes first in all of them.
std::size_t body_size(std::uint16_t type) {
  switch (type) {
    case RTM_GETLINK:
      return sizeof(ifinfomsg);
    case RTM_GETADDR:
      return sizeof(ifaddrmsg);
    case RTM_GETROUTE:
      return sizeof(rtmsg);
    default:
      return sizeof(fib_rule_hdr);
  }
}

}  // namespace

base::Result<NetlinkSocket> NetlinkSocket::open(std::uint32_t groups, std::size_t receive_buffer) {
  FileDescriptor fd(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE));
  if (!fd) return base::fail("open a netlink socket", last_error());
  ask_for_buffer(fd.get(), receive_buffer);
  const int on = 1;
  setsockopt(fd.get(), SOL_NETLINK, NETLINK_GET_STRICT_CHK, &on, sizeof on);
  sockaddr_nl address{};
  address.nl_family = AF_NETLINK;
  address.nl_groups = groups;
  if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return base::fail("bind a netlink socket", last_error());
  }
  return NetlinkSocket(std::move(fd));
}

base::Result<void> NetlinkSocket::request_dump(std::uint16_t type, std::uint8_t family, std::uint32_t sequence) {
  std::array<std::byte, NLMSG_SPACE(64)> request{};
  nlmsghdr header{};
  header.nlmsg_len = static_cast<std::uint32_t>(NLMSG_LENGTH(body_size(type)));
  header.nlmsg_type = type;
  header.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
  header.nlmsg_seq = sequence;
  std::memcpy(request.data(), &header, sizeof header);
  request.at(NLMSG_HDRLEN) = std::byte{family};
  if (::send(fd_.get(), request.data(), header.nlmsg_len, MSG_DONTWAIT) < 0) {
    return base::fail("ask the kernel for its network tables", last_error());
  }
  return {};
}

NetlinkDatagram NetlinkSocket::receive(std::span<std::byte> buffer) {
  using Kind = NetlinkDatagram::Kind;
  for (;;) {
    sockaddr_nl sender{};
    iovec io{buffer.data(), buffer.size()};
    msghdr message{};
    message.msg_name = &sender;
    message.msg_namelen = sizeof sender;
    message.msg_iov = &io;
    message.msg_iovlen = 1;
    const ssize_t size = ::recvmsg(fd_.get(), &message, MSG_DONTWAIT);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return {errno == EAGAIN ? Kind::kNothing : Kind::kLost, {}};
    // Any process may send to our port; only the kernel's is 0.
    if (sender.nl_pid != 0) continue;
    if ((message.msg_flags & MSG_TRUNC) != 0) return {Kind::kLost, {}};
    return {Kind::kMessages, buffer.first(static_cast<std::size_t>(size))};
  }
}

std::size_t NetlinkSocket::receive_buffer() const {
  int bytes = 0;
  socklen_t size = sizeof bytes;
  getsockopt(fd_.get(), SOL_SOCKET, SO_RCVBUF, &bytes, &size);
  return static_cast<std::size_t>(bytes);
}

}  // namespace sounder::platform
