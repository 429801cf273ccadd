#include "engine/platform/linux/rtnetlink_parser.h"

#include <linux/fib_rules.h>
#include <linux/if.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "engine/net/prefix.h"
#include "engine/platform/linux/netlink_reader.h"

namespace sounder::platform {
namespace {

using Bytes = std::span<const std::byte>;

std::optional<base::IpAddress> read_address(std::uint8_t family, Bytes bytes) {
  if (family == AF_INET) {
    const auto v4 = read_front<base::IpAddress::V4Bytes>(bytes);
    if (v4) return base::IpAddress::v4(*v4);
  } else if (family == AF_INET6) {
    const auto v6 = read_front<base::IpAddress::V6Bytes>(bytes);
    if (v6) return base::IpAddress::v6(*v6);
  }
  return std::nullopt;
}

std::string read_text(Bytes bytes) {
  std::string text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  text.resize(std::min(text.size(), text.find('\0')));
  return text;
}

void add(RtnetlinkBatch& batch, bool present, net::Object object) {
  const auto kind = present ? net::Update::Kind::kPresent : net::Update::Kind::kGone;
  batch.events.emplace_back(net::Update{kind, std::move(object)});
}

void parse_link(bool present, Bytes content, RtnetlinkBatch& batch) {
  const auto header = read_front<ifinfomsg>(content);
  // Bridges and others speak of their ports by messages of this kind, in a family of their own.
  if (!header || header->ifi_family != AF_UNSPEC) return;
  net::Interface link;
  link.index = net::InterfaceIndex(static_cast<std::uint32_t>(header->ifi_index));
  link.up = (header->ifi_flags & IFF_UP) != 0;
  link.carrier = (header->ifi_flags & IFF_RUNNING) != 0 && (header->ifi_flags & IFF_LOWER_UP) != 0;
  link.loopback = (header->ifi_flags & IFF_LOOPBACK) != 0;
  for (Bytes rest = behind(content, sizeof(ifinfomsg)); const auto attribute = next_attribute(rest);) {
    if (attribute->header.rta_type == IFLA_IFNAME) link.name = read_text(attribute->content);
    if (attribute->header.rta_type == IFLA_MTU) link.mtu = read_front<std::uint32_t>(attribute->content).value_or(0);
  }
  batch.doubtful = true;
  add(batch, present, std::move(link));
}

void parse_address(bool present, Bytes content, RtnetlinkBatch& batch) {
  const auto header = read_front<ifaddrmsg>(content);
  if (!header) return;
  std::optional<base::IpAddress> local;
  std::optional<base::IpAddress> address;
  std::uint32_t flags = header->ifa_flags;
  for (Bytes rest = behind(content, sizeof(ifaddrmsg)); const auto attribute = next_attribute(rest);) {
    const Bytes value = attribute->content;
    if (attribute->header.rta_type == IFA_LOCAL) local = read_address(header->ifa_family, value);
    if (attribute->header.rta_type == IFA_ADDRESS) address = read_address(header->ifa_family, value);
    if (attribute->header.rta_type == IFA_FLAGS) flags = read_front<std::uint32_t>(value).value_or(flags);
  }
  // On a point-to-point link the local address is ours, and the other one the peer's.
  const auto own = local ? local : address;
  if (!own) return;
  if (!present) batch.doubtful = true;
  const bool optimistic = (flags & IFA_F_OPTIMISTIC) != 0;
  const bool usable = (flags & IFA_F_DADFAILED) == 0 && ((flags & IFA_F_TENTATIVE) == 0 || optimistic);
  add(batch, present,
      net::InterfaceAddress{net::InterfaceIndex(header->ifa_index), *own, header->ifa_prefixlen, usable});
}

net::RouteKind kind_of(std::uint8_t type) {
  switch (type) {
    case RTN_UNICAST:
      return net::RouteKind::kUnicast;
    case RTN_LOCAL:
      return net::RouteKind::kLocal;
    case RTN_BLACKHOLE:
      return net::RouteKind::kBlackhole;
    case RTN_PROHIBIT:
      return net::RouteKind::kProhibit;
    case RTN_UNREACHABLE:
    case RTN_THROW:  // no table that we follow comes after
      return net::RouteKind::kUnreachable;
    default:
      return net::RouteKind::kBroadcast;
  }
}

bool followed(std::uint32_t table) {
  return table == RT_TABLE_LOCAL || table == RT_TABLE_MAIN || table == RT_TABLE_DEFAULT;
}

/// The gateway that an attribute names. RTA_VIA: of the other family than the route's (RFC 5549).
std::optional<base::IpAddress> read_gateway(std::uint8_t family, const Item<rtattr>& attribute) {
  if (attribute.header.rta_type == RTA_GATEWAY) return read_address(family, attribute.content);
  const auto via_family = read_front<std::uint16_t>(attribute.content);
  if (!via_family || attribute.content.size() < sizeof *via_family) return std::nullopt;
  return read_address(static_cast<std::uint8_t>(*via_family), attribute.content.subspan(sizeof *via_family));
}

bool names_gateway(const Item<rtattr>& attribute) {
  return attribute.header.rta_type == RTA_GATEWAY || attribute.header.rta_type == RTA_VIA;
}

/// A route with several next hops is as many of ours.
void add_next_hops(bool present, std::uint8_t family, Bytes hops, const net::Route& route, RtnetlinkBatch& batch) {
  while (const auto header = read_front<rtnexthop>(hops)) {
    if (header->rtnh_len < sizeof(rtnexthop) || header->rtnh_len > hops.size()) return;
    net::Route one = route;
    one.interface = net::InterfaceIndex(static_cast<std::uint32_t>(header->rtnh_ifindex));
    one.link_down = (header->rtnh_flags & RTNH_F_LINKDOWN) != 0;
    Bytes rest = behind(hops.first(header->rtnh_len), sizeof(rtnexthop));
    while (const auto attribute = next_attribute(rest)) {
      if (names_gateway(*attribute)) one.gateway = read_gateway(family, *attribute);
    }
    add(batch, present, std::move(one));
    hops = behind(hops, header->rtnh_len);
  }
}

void parse_route(const nlmsghdr& message, Bytes content, RtnetlinkBatch& batch) {
  const auto header = read_front<rtmsg>(content);
  if (!header || (header->rtm_flags & RTM_F_CLONED) != 0) return;
  if (header->rtm_family != AF_INET && header->rtm_family != AF_INET6) return;
  const bool present = message.nlmsg_type == RTM_NEWROUTE;
  net::Route route;
  route.table = header->rtm_table;
  route.kind = kind_of(header->rtm_type);
  route.link_down = (header->rtm_flags & RTNH_F_LINKDOWN) != 0;
  base::IpAddress destination = header->rtm_family == AF_INET ? base::IpAddress() : base::IpAddress::v6({});
  Bytes hops;
  for (Bytes rest = behind(content, sizeof(rtmsg)); const auto attribute = next_attribute(rest);) {
    const Bytes value = attribute->content;
    const auto number = read_front<std::uint32_t>(value).value_or(0);
    switch (attribute->header.rta_type) {
      case RTA_DST:
        destination = read_address(header->rtm_family, value).value_or(destination);
        break;
      case RTA_TABLE:
        route.table = number;
        break;
      case RTA_PRIORITY:
        route.metric = number;
        break;
      case RTA_OIF:
        route.interface = net::InterfaceIndex(number);
        break;
      case RTA_PREFSRC:
        route.preferred_source = read_address(header->rtm_family, value);
        break;
      case RTA_GATEWAY:
      case RTA_VIA:
        route.gateway = read_gateway(header->rtm_family, *attribute);
        break;
      case RTA_MULTIPATH:
        hops = value;
        break;
      default:
        break;
    }
  }
  if (!followed(route.table)) return;
  route.destination = {net::masked(destination, header->rtm_dst_len), header->rtm_dst_len};
  if (present && (message.nlmsg_flags & NLM_F_REPLACE) != 0) batch.doubtful = true;
  if (!hops.empty()) return add_next_hops(present, header->rtm_family, hops, route, batch);
  add(batch, present, std::move(route));
}

/// Whether an attribute of a rule keeps it from being everybody's. The kernel always tells of the suppressed lengths
/// and says -1 for none.
bool narrows(const Item<rtattr>& attribute) {
  switch (attribute.header.rta_type) {
    case FRA_IIFNAME:
    case FRA_OIFNAME:
    case FRA_FWMARK:
    case FRA_TUN_ID:
    case FRA_UID_RANGE:
    case FRA_IP_PROTO:
    case FRA_SPORT_RANGE:
    case FRA_DPORT_RANGE:
      return true;
    case FRA_SUPPRESS_PREFIXLEN:
      return read_front<std::int32_t>(attribute.content).value_or(-1) != -1;
    default:
      return false;
  }
}

/// The three that every namespace begins with: everybody, by the tables local, main and default.
bool usual_rule(const fib_rule_hdr& rule, std::uint32_t priority, std::uint32_t table) {
  constexpr std::array<std::array<std::uint32_t, 2>, 3> kUsual{
      {{0, RT_TABLE_LOCAL}, {32766, RT_TABLE_MAIN}, {32767, RT_TABLE_DEFAULT}}};
  const bool everybody = rule.src_len == 0 && rule.dst_len == 0 && rule.tos == 0 && rule.action == FR_ACT_TO_TBL;
  return everybody && std::find(kUsual.begin(), kUsual.end(), std::array{priority, table}) != kUsual.end();
}

void parse_rule(bool present, Bytes content, RtnetlinkBatch& batch) {
  const auto header = read_front<fib_rule_hdr>(content);
  if (!header) return;
  batch.doubtful = true;
  std::uint32_t priority = 0;
  std::uint32_t table = header->table;
  bool chooses = false;
  for (Bytes rest = behind(content, sizeof(fib_rule_hdr)); const auto attribute = next_attribute(rest);) {
    const auto number = read_front<std::uint32_t>(attribute->content).value_or(0);
    if (attribute->header.rta_type == FRA_PRIORITY) priority = number;
    if (attribute->header.rta_type == FRA_TABLE) table = number;
    chooses = chooses || narrows(*attribute);
  }
  if (present && (chooses || !usual_rule(*header, priority, table))) ++batch.policy_rules;
}

void parse_error(Bytes content, RtnetlinkBatch& batch) {
  const auto error = read_front<nlmsgerr>(content);
  if (error && error->error != 0) batch.error = -error->error;
}

/// NLMSG_DONE carries an int since Linux 4.15: an error where the dump could not go on.
void parse_done(Bytes content, RtnetlinkBatch& batch) {
  batch.done = true;
  const int error = read_front<int>(content).value_or(0);
  if (error < 0) batch.error = -error;
}

void parse_message(const Item<nlmsghdr>& message, RtnetlinkBatch& batch) {
  if ((message.header.nlmsg_flags & NLM_F_DUMP_INTR) != 0) batch.interrupted = true;
  switch (message.header.nlmsg_type) {
    case NLMSG_DONE:
      return parse_done(message.content, batch);
    case NLMSG_ERROR:
      return parse_error(message.content, batch);
    case RTM_NEWLINK:
    case RTM_DELLINK:
      return parse_link(message.header.nlmsg_type == RTM_NEWLINK, message.content, batch);
    case RTM_NEWADDR:
    case RTM_DELADDR:
      return parse_address(message.header.nlmsg_type == RTM_NEWADDR, message.content, batch);
    case RTM_NEWROUTE:
    case RTM_DELROUTE:
      return parse_route(message.header, message.content, batch);
    case RTM_NEWRULE:
    case RTM_DELRULE:
      return parse_rule(message.header.nlmsg_type == RTM_NEWRULE, message.content, batch);
    default:
      return;
  }
}

}  // namespace

void RtnetlinkBatch::clear() {
  events.clear();
  policy_rules = 0;
  done = interrupted = doubtful = false;
  error = 0;
}

void parse_rtnetlink(std::span<const std::byte> bytes, RtnetlinkBatch& batch) {
  while (const auto message = next_message(bytes)) parse_message(*message, batch);
  if (!bytes.empty()) batch.interrupted = true;
}

}  // namespace sounder::platform
