#include "engine/platform/windows/mib_rows.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string_view>

#include "engine/net/prefix.h"
#include "engine/platform/windows/socket_address.h"
#include "engine/platform/windows/text.h"

namespace sounder::platform::windows {

namespace {

/// Without the scope of a link-local address, which an object's interface says.
std::optional<base::IpAddress> address_of(const SOCKADDR_INET& address) {
  if (address.si_family == AF_INET) return from_native(address.Ipv4.sin_addr);
  if (address.si_family == AF_INET6) return from_native(address.Ipv6.sin6_addr, 0);
  return std::nullopt;
}

std::uint8_t length_of(const base::IpAddress& address, UINT8 length) {
  return std::min<std::uint8_t>(length, address.is_v4() ? 32 : 128);
}

}  // namespace

std::optional<net::Interface> from_row(const MIB_IF_ROW2& row) {
  if (row.InterfaceAndOperStatusFlags.FilterInterface != 0) return std::nullopt;
  net::Interface interface;
  interface.index = net::InterfaceIndex(row.InterfaceIndex);
  const std::wstring_view alias(static_cast<const WCHAR*>(row.Alias), IF_MAX_STRING_SIZE);
  interface.name = to_utf8(alias.substr(0, alias.find(L'\0')));
  interface.up = row.AdminStatus == NET_IF_ADMIN_STATUS_UP;
  interface.carrier = row.OperStatus == IfOperStatusUp && row.MediaConnectState != MediaConnectStateDisconnected;
  interface.loopback = row.Type == IF_TYPE_SOFTWARE_LOOPBACK;
  interface.mtu = row.Mtu;
  return interface;
}

std::optional<net::InterfaceAddress> from_row(const MIB_UNICASTIPADDRESS_ROW& row) {
  const auto address = address_of(row.Address);
  if (!address) return std::nullopt;
  const bool usable = row.DadState == IpDadStatePreferred || row.DadState == IpDadStateDeprecated;
  return net::InterfaceAddress{net::InterfaceIndex(row.InterfaceIndex), *address,
                               length_of(*address, row.OnLinkPrefixLength), usable};
}

std::optional<net::Route> from_row(const MIB_IPFORWARD_ROW2& row, ULONG interface_metric) {
  const auto destination = address_of(row.DestinationPrefix.Prefix);
  if (!destination) return std::nullopt;
  net::Route route;
  const std::uint8_t length = length_of(*destination, row.DestinationPrefix.PrefixLength);
  route.destination = {net::masked(*destination, length), length};
  route.metric = std::min(row.Metric, std::numeric_limits<ULONG>::max() - interface_metric) + interface_metric;
  route.interface = net::InterfaceIndex(row.InterfaceIndex);
  const auto gateway = address_of(row.NextHop);
  if (gateway && !gateway->is_unspecified()) route.gateway = gateway;
  return route;
}

}  // namespace sounder::platform::windows
