#include "engine/platform/windows/mib_rows.h"

#include <gtest/gtest.h>

#include <cstring>
#include <limits>
#include <string>

#include "engine/platform/windows/socket_address.h"

namespace sounder::platform::windows {
namespace {

base::IpAddress ip(const std::string& text) { return base::IpAddress::parse(text).value(); }

SOCKADDR_INET native(const std::string& text) {
  SocketAddress address{};
  const int size = to_native(ip(text), address);
  SOCKADDR_INET inet{};
  std::memcpy(&inet, &address, static_cast<std::size_t>(size));
  return inet;
}

MIB_IF_ROW2 ethernet() {
  MIB_IF_ROW2 row{};
  row.InterfaceIndex = 7;
  std::memcpy(row.Alias, L"Ethernet \u00fc", sizeof(L"Ethernet \u00fc"));
  row.Mtu = 1500;
  row.Type = IF_TYPE_ETHERNET_CSMACD;
  row.OperStatus = IfOperStatusUp;
  row.AdminStatus = NET_IF_ADMIN_STATUS_UP;
  row.MediaConnectState = MediaConnectStateConnected;
  return row;
}

TEST(MibRows, TakeAnInterface) {
  const net::Interface expected{net::InterfaceIndex(7), "Ethernet \xc3\xbc", true, true, false, 1500};
  EXPECT_EQ(from_row(ethernet()), expected);
}

TEST(MibRows, AnInterfaceHasNoCarrierWithoutMediumOrWhileItIsDown) {
  MIB_IF_ROW2 unplugged = ethernet();
  unplugged.MediaConnectState = MediaConnectStateDisconnected;
  EXPECT_FALSE(from_row(unplugged)->carrier);
  EXPECT_TRUE(from_row(unplugged)->up);
  MIB_IF_ROW2 off = ethernet();
  off.OperStatus = IfOperStatusDown;
  off.AdminStatus = NET_IF_ADMIN_STATUS_DOWN;
  EXPECT_FALSE(from_row(off)->carrier);
  EXPECT_FALSE(from_row(off)->up);
  MIB_IF_ROW2 loopback = ethernet();
  loopback.Type = IF_TYPE_SOFTWARE_LOOPBACK;
  loopback.MediaConnectState = MediaConnectStateUnknown;  // it has none
  EXPECT_TRUE(from_row(loopback)->loopback);
  EXPECT_TRUE(from_row(loopback)->carrier);
}

TEST(MibRows, LeaveOutTheLayersOfAnInterface) {
  MIB_IF_ROW2 filter = ethernet();
  filter.InterfaceAndOperStatusFlags.FilterInterface = 1;
  EXPECT_FALSE(from_row(filter));
}

TEST(MibRows, AnAliasMayFillItsRoom) {
  MIB_IF_ROW2 row = ethernet();
  for (WCHAR& letter : row.Alias) letter = L'x';
  EXPECT_EQ(from_row(row)->name, std::string(IF_MAX_STRING_SIZE, 'x'));
}

MIB_UNICASTIPADDRESS_ROW address_row(const std::string& address, UINT8 length) {
  MIB_UNICASTIPADDRESS_ROW row{};
  row.Address = native(address);
  row.InterfaceIndex = 7;
  row.OnLinkPrefixLength = length;
  row.DadState = IpDadStatePreferred;
  return row;
}

TEST(MibRows, TakeAddressesOfBothFamiliesWithoutTheirScopes) {
  const auto v4 = from_row(address_row("192.0.2.5", 24));
  EXPECT_EQ(v4, (net::InterfaceAddress{net::InterfaceIndex(7), ip("192.0.2.5"), 24, true}));
  const auto v6 = from_row(address_row("fe80::1%7", 64));
  EXPECT_EQ(v6, (net::InterfaceAddress{net::InterfaceIndex(7), ip("fe80::1"), 64, true}));
}

TEST(MibRows, AnAddressIsUsableOnceNobodyElseHasIt) {
  MIB_UNICASTIPADDRESS_ROW row = address_row("192.0.2.5", 24);
  for (const NL_DAD_STATE state : {IpDadStateInvalid, IpDadStateTentative, IpDadStateDuplicate}) {
    row.DadState = state;
    EXPECT_FALSE(from_row(row)->usable) << state;
  }
  row.DadState = IpDadStateDeprecated;
  EXPECT_TRUE(from_row(row)->usable);
}

TEST(MibRows, CutLengthsThatNoAddressHas) {
  EXPECT_EQ(from_row(address_row("192.0.2.5", 255))->prefix_length, 32);
  EXPECT_EQ(from_row(address_row("2001:db8::5", 255))->prefix_length, 128);
}

MIB_IPFORWARD_ROW2 route_row(const std::string& destination, UINT8 length, const std::string& next_hop) {
  MIB_IPFORWARD_ROW2 row{};
  row.InterfaceIndex = 7;
  row.DestinationPrefix.Prefix = native(destination);
  row.DestinationPrefix.PrefixLength = length;
  row.NextHop = native(next_hop);
  row.Metric = 256;
  return row;
}

TEST(MibRows, ARouteAddsTheMetricOfItsInterface) {
  const auto route = from_row(route_row("0.0.0.0", 0, "192.0.2.1"), 25);
  ASSERT_TRUE(route);
  EXPECT_EQ(route->destination, (net::Prefix{ip("0.0.0.0"), 0}));
  EXPECT_EQ(route->gateway, ip("192.0.2.1"));
  EXPECT_EQ(route->metric, 281U);
  EXPECT_EQ(route->interface, net::InterfaceIndex(7));
  MIB_IPFORWARD_ROW2 worst = route_row("0.0.0.0", 0, "192.0.2.1");
  worst.Metric = std::numeric_limits<ULONG>::max();
  EXPECT_EQ(from_row(worst, 25)->metric, std::numeric_limits<ULONG>::max());
}

TEST(MibRows, ARouteWithoutNextHopIsOnTheLink) {
  EXPECT_FALSE(from_row(route_row("192.0.2.0", 24, "0.0.0.0"), 0)->gateway);
  const auto route = from_row(route_row("2001:db8::1", 64, "::"), 0);
  EXPECT_FALSE(route->gateway);
  EXPECT_EQ(route->destination, (net::Prefix{ip("2001:db8::"), 64}));
}

TEST(MibRows, OfOtherFamiliesNothingIsTaken) {
  MIB_UNICASTIPADDRESS_ROW address = address_row("192.0.2.5", 24);
  address.Address.si_family = AF_UNSPEC;
  EXPECT_FALSE(from_row(address));
  MIB_IPFORWARD_ROW2 route = route_row("192.0.2.0", 24, "0.0.0.0");
  route.DestinationPrefix.Prefix.si_family = AF_UNSPEC;
  EXPECT_FALSE(from_row(route, 0));
}

}  // namespace
}  // namespace sounder::platform::windows
