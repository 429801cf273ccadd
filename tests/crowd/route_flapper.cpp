#include "tests/crowd/route_flapper.h"

#include <arpa/inet.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "tests/support/throw_errno.h"

namespace sounder::crowd {

namespace {

/// Messages that go to the kernel by one system call.
constexpr std::size_t kBatch = 256;

struct RouteMessage {
  nlmsghdr header;
  rtmsg route;
  rtattr destination_attribute;
  std::uint32_t destination;
  rtattr device_attribute;
  std::uint32_t device;
};
static_assert(sizeof(RouteMessage) == NLMSG_LENGTH(sizeof(rtmsg) + 2 * RTA_LENGTH(sizeof(std::uint32_t))));

}  // namespace

RouteFlapper::RouteFlapper(const std::string& device)
    : fd_(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE)), device_(if_nametoindex(device.c_str())) {
  if (fd_ < 0) testing::throw_errno("open a netlink socket");
  if (device_ == 0) testing::throw_errno("look up the device");
}

RouteFlapper::~RouteFlapper() { ::close(fd_); }

void RouteFlapper::change(std::uint32_t first, std::size_t count, bool add) {
  for (std::size_t done = 0; done < count;) {
    const std::size_t end = std::min(count, done + kBatch);
    for (; done < end; ++done) append(first + static_cast<std::uint32_t>(done), add, done + 1 == end);
    flush();
  }
}

void RouteFlapper::append(std::uint32_t number, bool add, bool last) {
  RouteMessage message{};
  message.header.nlmsg_len = sizeof message;
  message.header.nlmsg_type = add ? RTM_NEWROUTE : RTM_DELROUTE;
  message.header.nlmsg_flags = NLM_F_REQUEST;
  if (add) message.header.nlmsg_flags |= NLM_F_CREATE | NLM_F_REPLACE;
  if (last) message.header.nlmsg_flags |= NLM_F_ACK;
  message.header.nlmsg_seq = ++sequence_;
  message.route.rtm_family = AF_INET;
  message.route.rtm_dst_len = 32;
  message.route.rtm_table = RT_TABLE_MAIN;
  message.route.rtm_protocol = RTPROT_STATIC;
  message.route.rtm_scope = RT_SCOPE_LINK;
  message.route.rtm_type = RTN_UNICAST;
  message.destination_attribute = {RTA_LENGTH(sizeof message.destination), RTA_DST};
  message.destination = htonl(kFirst + number);
  message.device_attribute = {RTA_LENGTH(sizeof message.device), RTA_OIF};
  message.device = device_;
  const auto* bytes = reinterpret_cast<const char*>(&message);
  batch_.insert(batch_.end(), bytes, bytes + sizeof message);
}

/// The kernel makes what a send brings within that call; the answer to the last message says how that one went.
void RouteFlapper::flush() {
  if (::send(fd_, batch_.data(), batch_.size(), 0) < 0) testing::throw_errno("send changes of routes");
  batch_.clear();
  alignas(nlmsghdr) std::array<char, 4096> answer{};
  if (::recv(fd_, answer.data(), answer.size(), 0) < 0) testing::throw_errno("receive the answer to changes of routes");
  nlmsghdr header{};
  nlmsgerr result{};
  std::memcpy(&header, answer.data(), sizeof header);
  std::memcpy(&result, answer.data() + NLMSG_HDRLEN, sizeof result);
  // An earlier one that was refused is answered too, and first.
  if (header.nlmsg_type == NLMSG_ERROR && header.nlmsg_seq == sequence_ && result.error == 0) return;
  errno = result.error == 0 ? EBADMSG : -result.error;
  testing::throw_errno("change routes");
}

}  // namespace sounder::crowd
