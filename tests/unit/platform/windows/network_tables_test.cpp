#include "engine/platform/windows/network_tables.h"

#include <gtest/gtest.h>

#include <random>

#include "tests/unit/platform/windows/fake_network.h"

namespace sounder::platform::windows {
namespace {

using net::InterfaceIndex;
using net::RouteKind;
using namespace net::testing;

net::Interface loopback(std::uint32_t index) { return {InterfaceIndex(index), "Loopback", true, true, true, 0}; }

RouteKind kind_of(const NetworkTables& tables, const std::string& destination) {
  for (const net::Route& route : tables.routes) {
    if (route.destination == block(destination)) return route.kind;
  }
  ADD_FAILURE() << destination << " is not there";
  return RouteKind::kUnicast;
}

TEST(NetworkTables, TellsWhatRoutesLeadTo) {
  NetworkTables tables;
  tables.interfaces = {link(2), loopback(1)};
  tables.addresses = {{InterfaceIndex(2), ip("192.0.2.5"), 24, true},
                      {InterfaceIndex(2), ip("2001:db8::5"), 64, true},
                      {InterfaceIndex(1), ip("127.0.0.1"), 8, true},
                      {InterfaceIndex(1), ip("::1"), 128, true}};
  for (const char* text : {"0.0.0.0/0", "192.0.2.0/24", "192.0.2.5/32", "192.0.2.255/32", "192.0.3.255/32",
                           "224.0.0.0/4", "255.255.255.255/32", "2001:db8::/64", "2001:db8::5/128", "ff00::/8"}) {
    tables.routes.push_back(route(text, 2));
  }
  for (const char* text : {"127.0.0.0/8", "127.0.0.1/32", "::1/128"}) tables.routes.push_back(route(text, 1));
  const std::size_t listed = tables.routes.size();
  put_in_order(tables);
  EXPECT_EQ(tables.routes.size(), listed);
  for (const char* text : {"0.0.0.0/0", "192.0.2.0/24", "192.0.3.255/32", "2001:db8::/64"}) {
    EXPECT_EQ(kind_of(tables, text), RouteKind::kUnicast) << text;
  }
  for (const char* text : {"192.0.2.5/32", "2001:db8::5/128", "127.0.0.0/8", "127.0.0.1/32", "::1/128"}) {
    EXPECT_EQ(kind_of(tables, text), RouteKind::kLocal) << text;
  }
  for (const char* text : {"192.0.2.255/32", "224.0.0.0/4", "255.255.255.255/32", "ff00::/8"}) {
    EXPECT_EQ(kind_of(tables, text), RouteKind::kBroadcast) << text;
  }
}

TEST(NetworkTables, GivesALoopbackItsBlocksWhereTheSystemListsNone) {
  NetworkTables tables;
  tables.interfaces = {loopback(1)};
  tables.addresses = {{InterfaceIndex(1), ip("127.0.0.1"), 8, true}, {InterfaceIndex(1), ip("::1"), 128, true}};
  put_in_order(tables);
  ASSERT_EQ(tables.routes.size(), 2U);
  EXPECT_EQ(kind_of(tables, "127.0.0.0/8"), RouteKind::kLocal);
  EXPECT_EQ(kind_of(tables, "::1/128"), RouteKind::kLocal);
}

TEST(NetworkTables, LinksOfTwoHostsHaveNoBroadcast) {
  NetworkTables tables;
  tables.interfaces = {link(2)};
  tables.addresses = {{InterfaceIndex(2), ip("192.0.2.0"), 31, true}};
  tables.routes = {route("192.0.2.1/32", 2)};
  put_in_order(tables);
  EXPECT_EQ(kind_of(tables, "192.0.2.1/32"), RouteKind::kUnicast);
}

TEST(NetworkTables, KeepsOneOfWhatIsListedTwice) {
  NetworkTables tables = small_tables();
  tables.interfaces.push_back(tables.interfaces.front());
  tables.routes.push_back(tables.routes.front());
  put_in_order(tables);
  EXPECT_EQ(tables.interfaces.size(), 1U);
  EXPECT_EQ(tables.routes.size(), 2U);
}

TEST(NetworkTables, SaysNothingWhereNothingChanged) {
  std::vector<net::WatchEvent> events;
  append_difference(in_order(small_tables()), in_order(small_tables()), events);
  EXPECT_TRUE(events.empty());
}

TEST(NetworkTables, SaysWhatIsNewOrDifferentBeforeWhatHasGone) {
  const NetworkTables before = in_order(small_tables());
  NetworkTables after = small_tables();
  after.interfaces.front().carrier = false;
  after.addresses.front().address = ip("192.0.2.6");
  after.routes.back() = route("0.0.0.0/0", 2, "192.0.2.2");
  after = in_order(after);
  std::vector<net::WatchEvent> events;
  append_difference(before, after, events);
  const std::vector<net::WatchEvent> expected = {
      present(after.interfaces.front()),
      present(after.addresses.front()),
      present(route("0.0.0.0/0", 2, "192.0.2.2")),
      gone(route("0.0.0.0/0", 2, "192.0.2.1")),
      gone(before.addresses.front()),
  };
  EXPECT_EQ(events, expected);
}

/// Tables of a few objects, so that two of them have much in common.
NetworkTables random_tables(std::mt19937& random) {
  const auto one_in = [&](unsigned n) { return random() % n == 0; };
  NetworkTables tables;
  for (std::uint32_t i = 1; i <= 4; ++i) {
    const InterfaceIndex index(i);
    if (one_in(3)) continue;
    tables.interfaces.push_back(link(i, one_in(2)));
    for (std::uint32_t host = 1; host <= 3; ++host) {
      if (one_in(2)) tables.addresses.push_back({index, base::IpAddress::v4(0xc0000200U + host), 24, !one_in(4)});
    }
    if (one_in(2)) tables.routes.push_back(route("2001:db8::/64", i));
    if (one_in(2)) tables.routes.push_back(route("0.0.0.0/0", i, one_in(2) ? "192.0.2.8" : "192.0.2.9"));
  }
  return tables;
}

TEST(NetworkTables, WhatTheyDifferInMakesTheOneOfTheOther) {
  std::mt19937 random(1);
  for (int round = 0; round < 2'000; ++round) {
    const NetworkTables before = in_order(random_tables(random));
    const NetworkTables after = in_order(random_tables(random));
    net::State state;
    std::vector<net::WatchEvent> events;
    append_difference(NetworkTables(), before, events);
    append_difference(before, after, events);
    follow(events, state);
    const NetworkTables left = tables_of(state);
    ASSERT_EQ(left.interfaces, after.interfaces) << "round " << round;
    ASSERT_EQ(left.addresses, after.addresses) << "round " << round;
    ASSERT_EQ(left.routes, after.routes) << "round " << round;
  }
}

}  // namespace
}  // namespace sounder::platform::windows
