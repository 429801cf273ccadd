#include "engine/platform/linux/control_message.h"

#include <linux/net_tstamp.h>
#include <netinet/in.h>
#include <sys/time.h>

#include <algorithm>
#include <ctime>
#include <span>

#include "engine/platform/linux/socket_address.h"

namespace sounder::platform {

namespace {

using Bytes = std::span<const std::byte>;

template <class T>
std::optional<T> read_as(Bytes bytes) {
  if (bytes.size() < sizeof(T)) return std::nullopt;
  T value{};
  std::memcpy(&value, bytes.data(), sizeof(T));
  return value;
}

std::optional<base::WallTime> read_stamp(Bytes bytes) {
  // struct scm_timestamping is three times; the first is the software stamp, zero if there is none.
  const auto time = read_as<timespec>(bytes);
  if (!time || (time->tv_sec == 0 && time->tv_nsec == 0)) return std::nullopt;
  return base::WallTime(std::chrono::seconds(time->tv_sec) + std::chrono::nanoseconds(time->tv_nsec));
}

std::optional<std::uint8_t> read_ttl(Bytes bytes) {
  const auto value = read_as<int>(bytes);
  if (!value) return std::nullopt;
  return static_cast<std::uint8_t>(*value);
}

void read_error(Bytes bytes, ControlData& data) {
  data.error = read_as<sock_extended_err>(bytes);
  if (bytes.size() < sizeof(sock_extended_err) + sizeof(sockaddr)) return;
  // The offender's address follows (SO_EE_OFFENDER); it may be shorter than the largest kind.
  SocketAddress offender{};
  const auto rest = bytes.subspan(sizeof(sock_extended_err));
  std::memcpy(&offender, rest.data(), std::min(rest.size(), sizeof(offender)));
  data.offender = from_native(offender.any);
}

void read_ipv4(int type, Bytes bytes, ControlData& data) {
  if (type == IP_TTL) data.ttl = read_ttl(bytes);
  if (type == IP_RECVERR) read_error(bytes, data);
  if (type != IP_PKTINFO) return;
  if (const auto info = read_as<in_pktinfo>(bytes)) data.destination = from_native(info->ipi_addr);
}

void read_ipv6(int type, Bytes bytes, ControlData& data) {
  if (type == IPV6_HOPLIMIT) data.ttl = read_ttl(bytes);
  if (type == IPV6_RECVERR) read_error(bytes, data);
  if (type != IPV6_PKTINFO) return;
  if (const auto info = read_as<in6_pktinfo>(bytes)) {
    data.destination = from_native(info->ipi6_addr, static_cast<std::uint32_t>(info->ipi6_ifindex));
  }
}

}  // namespace

ControlData read_control(const msghdr& message) {
  ControlData data;
  Bytes rest(static_cast<const std::byte*>(message.msg_control), message.msg_controllen);
  while (rest.size() >= sizeof(cmsghdr)) {
    cmsghdr header{};
    std::memcpy(&header, rest.data(), sizeof(header));
    if (header.cmsg_len < CMSG_LEN(0) || header.cmsg_len > rest.size()) break;
    const Bytes bytes = rest.subspan(CMSG_LEN(0), header.cmsg_len - CMSG_LEN(0));
    if (header.cmsg_level == SOL_SOCKET && header.cmsg_type == SCM_TIMESTAMPING) data.stamp = read_stamp(bytes);
    if (header.cmsg_level == IPPROTO_IP) read_ipv4(header.cmsg_type, bytes, data);
    if (header.cmsg_level == IPPROTO_IPV6) read_ipv6(header.cmsg_type, bytes, data);
    rest = rest.subspan(std::min(rest.size(), CMSG_ALIGN(header.cmsg_len)));
  }
  return data;
}

}  // namespace sounder::platform
