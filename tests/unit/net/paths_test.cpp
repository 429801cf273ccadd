#include "engine/net/paths.h"

#include <gtest/gtest.h>

#include "engine/net/state.h"
#include "tests/unit/net/network.h"

namespace sounder::net {
namespace {

using namespace testing;
using Kind = Path::Kind;

/// Paths of a network of two links, eth1 alive and eth2 without carrier, and of what a test adds.
class PathsTest : public ::testing::Test {
 protected:
  PathsTest() {
    state_.apply(begin());
    state_.apply(present(link(1)));
    state_.apply(present(link(2, false)));
  }

  void add(const Object& object) { state_.apply(present(object)); }

  Path find(const std::string& destination, std::uint32_t interface = 0, std::uint32_t mark = 0) {
    state_.apply(end());
    return make_paths(state_)->find({ip(destination), InterfaceIndex(interface), mark});
  }

  State state_;
};

TEST_F(PathsTest, ClaimNothingBeforeTheTablesAreKnown) {
  EXPECT_EQ(make_paths(state_)->find({ip("192.0.2.1"), {}, 0}).kind, Kind::kUnknown);
}

TEST_F(PathsTest, ClaimNothingUnderPolicyRoutingOrForAMark) {
  add(route("192.0.2.0/24", 1));
  EXPECT_EQ(find("192.0.2.1", 0, 7).kind, Kind::kUnknown);
  state_.apply(PolicyRouting{true});
  EXPECT_EQ(find("192.0.2.1").kind, Kind::kUnknown);
}

TEST_F(PathsTest, KnowThatThereIsNone) { EXPECT_EQ(find("192.0.2.1").kind, Kind::kNone); }

TEST_F(PathsTest, LeadOntoTheLink) {
  add(route("192.0.2.0/24", 1));
  EXPECT_EQ(find("192.0.2.9"), (Path{Kind::kOnLink, InterfaceIndex(1), true, ip("192.0.2.9")}));
}

TEST_F(PathsTest, LeadToTheGateway) {
  add(route("0.0.0.0/0", 1, "10.0.0.1"));
  EXPECT_EQ(find("192.0.2.9"), (Path{Kind::kGateway, InterfaceIndex(1), true, ip("10.0.0.1")}));
}

TEST_F(PathsTest, TakeTheLongestPrefix) {
  add(route("0.0.0.0/0", 1, "10.0.0.1"));
  add(route("192.0.0.0/8", 1, "10.0.0.2"));
  add(route("192.0.2.0/23", 1, "10.0.0.3"));
  add(route("192.0.2.9", 1, "10.0.0.4"));
  EXPECT_EQ(find("198.51.100.1").next_hop, ip("10.0.0.1"));
  EXPECT_EQ(find("192.0.4.1").next_hop, ip("10.0.0.2"));
  EXPECT_EQ(find("192.0.3.255").next_hop, ip("10.0.0.3"));
  EXPECT_EQ(find("192.0.2.9").next_hop, ip("10.0.0.4"));
}

TEST_F(PathsTest, TakeTheLowestMetric) {
  Route worse = route("192.0.2.0/24", 1, "10.0.0.1");
  worse.metric = 200;
  Route better = route("192.0.2.0/24", 1, "10.0.0.2");
  better.metric = 100;
  add(worse);
  add(better);
  EXPECT_EQ(find("192.0.2.1").next_hop, ip("10.0.0.2"));
}

TEST_F(PathsTest, HaveACarrierAsLongAsOneNextHopHas) {
  add(route("192.0.2.0/24", 2, "10.0.0.1"));
  EXPECT_FALSE(find("192.0.2.1").carrier);
  add(route("192.0.2.0/24", 1, "10.0.0.2"));
  EXPECT_TRUE(find("192.0.2.1").carrier);
}

TEST_F(PathsTest, HaveNoCarrierWhereTheRouteSaysSo) {
  Route dead = route("192.0.2.0/24", 1);
  dead.link_down = true;
  add(dead);
  EXPECT_FALSE(find("192.0.2.1").carrier);
}

TEST_F(PathsTest, EndWhereARouteRefusesOrDrops) {
  add(route("0.0.0.0/0", 1, "10.0.0.1"));
  add(refusing("192.0.2.0/26", RouteKind::kBlackhole));
  add(refusing("192.0.2.64/26", RouteKind::kUnreachable));
  add(refusing("192.0.2.128/26", RouteKind::kProhibit));
  EXPECT_EQ(find("192.0.2.1").kind, Kind::kNone);
  EXPECT_EQ(find("192.0.2.65").kind, Kind::kNone);
  EXPECT_EQ(find("192.0.2.129").kind, Kind::kNone);
  EXPECT_EQ(find("192.0.2.193").kind, Kind::kGateway);
}

TEST_F(PathsTest, StayAtHomeForOwnAddresses) {
  add(route("192.0.2.0/24", 1));
  add(InterfaceAddress{InterfaceIndex(1), ip("192.0.2.1"), 24, true});
  Route loopback = route("127.0.0.0/8", 3);
  loopback.table = 255;
  loopback.kind = RouteKind::kLocal;
  add(loopback);
  EXPECT_EQ(find("192.0.2.1").kind, Kind::kLocal);
  EXPECT_EQ(find("127.1.2.3").kind, Kind::kLocal);
  EXPECT_TRUE(find("127.1.2.3").carrier);
}

TEST_F(PathsTest, KeepToTheInterfaceThatIsAskedFor) {
  add(route("0.0.0.0/0", 1, "10.0.0.1"));
  add(route("192.0.2.0/24", 2));
  EXPECT_EQ(find("192.0.2.1", 1), (Path{Kind::kGateway, InterfaceIndex(1), true, ip("10.0.0.1")}));
  EXPECT_EQ(find("198.51.100.1", 2).kind, Kind::kNone);
}

TEST_F(PathsTest, KeepToTheScopeOfALinkLocalAddress) {
  add(route("fe80::/64", 1));
  add(route("fe80::/64", 2));
  EXPECT_EQ(find("fe80::1%1").interface, InterfaceIndex(1));
  EXPECT_EQ(find("fe80::1%2").interface, InterfaceIndex(2));
}

TEST_F(PathsTest, ClaimNothingOfAnInterfaceThatDoesNotExist) {
  add(route("0.0.0.0/0", 1, "10.0.0.1"));
  EXPECT_EQ(find("192.0.2.1", 3).kind, Kind::kUnknown);
  EXPECT_EQ(find("fe80::1%3").kind, Kind::kUnknown);
}

TEST_F(PathsTest, OfOneFamilySayNothingOfTheOther) {
  add(route("0.0.0.0/0", 1, "10.0.0.1"));
  EXPECT_EQ(find("2001:db8::1").kind, Kind::kNone);
  add(route("::/0", 1, "fe80::1"));
  EXPECT_EQ(find("2001:db8::1").next_hop, ip("fe80::1"));
}

}  // namespace
}  // namespace sounder::net
