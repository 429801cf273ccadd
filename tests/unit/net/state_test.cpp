#include "engine/net/state.h"

#include <gtest/gtest.h>

#include <vector>

#include "tests/unit/net/network.h"

namespace sounder::net {
namespace {

using namespace testing;

InterfaceAddress own(const std::string& address) { return {InterfaceIndex(1), ip(address), 24, true}; }

TEST(NetworkState, IsIncompleteUntilAResyncHasEnded) {
  State state;
  EXPECT_FALSE(state.complete());
  state.apply(begin());
  state.apply(present(link(1)));
  EXPECT_FALSE(state.complete());
  state.apply(interrupted());
  EXPECT_FALSE(state.complete());
  state.apply(begin());
  EXPECT_TRUE(state.apply(end()));
  EXPECT_TRUE(state.complete());
}

TEST(NetworkState, TellsWhetherSomethingChanged) {
  State state;
  EXPECT_TRUE(state.apply(present(link(1))));
  EXPECT_FALSE(state.apply(present(link(1))));
  EXPECT_TRUE(state.apply(present(link(1, false))));
  EXPECT_TRUE(state.apply(gone(link(1))));
  EXPECT_FALSE(state.apply(gone(link(1))));
}

TEST(NetworkState, KeepsNextHopsOfOneRouteApart) {
  State state;
  state.apply(present(route("192.0.2.0/24", 1, "10.0.0.1")));
  state.apply(present(route("192.0.2.0/24", 2, "10.0.1.1")));
  EXPECT_EQ(state.routes().size(), 2U);
  state.apply(gone(route("192.0.2.0/24", 1, "10.0.0.1")));
  ASSERT_EQ(state.routes().size(), 1U);
  EXPECT_EQ(state.routes().begin()->second.object.interface, InterfaceIndex(2));
}

TEST(NetworkState, ForgetsWhatAResyncDoesNotMention) {
  State state;
  for (const WatchEvent& event : {begin(), present(link(1)), present(link(2)), present(own("10.0.0.1")),
                                  present(own("10.0.0.2")), present(route("10.0.0.0/24", 1)), end()}) {
    state.apply(event);
  }
  EXPECT_EQ(state.size(), 5U);
  state.apply(begin());
  EXPECT_FALSE(state.apply(present(link(1))));
  EXPECT_FALSE(state.apply(present(own("10.0.0.2"))));
  EXPECT_EQ(state.size(), 5U) << "nothing goes before the end";
  EXPECT_TRUE(state.apply(end()));
  EXPECT_EQ(state.size(), 2U);
  EXPECT_TRUE(state.interfaces().contains(InterfaceIndex(1)));
  EXPECT_TRUE(state.addresses().contains(key_of(own("10.0.0.2"))));
}

TEST(NetworkState, SweepsNothingAfterAnInterruptedResync) {
  State state;
  for (const WatchEvent& event : {begin(), present(link(1)), present(link(2)), end()}) state.apply(event);
  for (const WatchEvent& event : {begin(), present(link(2)), interrupted()}) EXPECT_FALSE(state.apply(event));
  EXPECT_EQ(state.interfaces().size(), 2U);
}

TEST(NetworkState, ClaimsNothingWhenItIsFull) {
  State state(2);
  for (const WatchEvent& event : {begin(), present(link(1)), present(link(2)), end()}) state.apply(event);
  EXPECT_TRUE(state.complete());
  EXPECT_TRUE(state.apply(present(link(3))));
  EXPECT_FALSE(state.complete());
  EXPECT_EQ(state.size(), 2U);
  // What is known already still follows, and a resync that fits mends it.
  EXPECT_TRUE(state.apply(present(link(2, false))));
  for (const WatchEvent& event : {begin(), present(link(2)), end()}) state.apply(event);
  EXPECT_TRUE(state.complete());
}

TEST(NetworkState, KnowsOfPolicyRouting) {
  State state;
  EXPECT_FALSE(state.apply(PolicyRouting{false}));
  EXPECT_TRUE(state.apply(PolicyRouting{true}));
  EXPECT_TRUE(state.policy_routing());
}

class Recorder final : public ChangeSink {
 public:
  void on_change(const Update& update) override { updates.push_back(update); }
  std::vector<Update> updates;
};

TEST(NetworkState, TellsOfEachRealChangeOnce) {
  using Told = Update::Kind;
  Recorder recorder;
  State state(3, &recorder);
  for (const WatchEvent& event :
       {begin(), present(link(1)), present(link(2)), present(link(2)), present(own("10.0.0.1")), end(),
        present(link(3)), present(link(1, false)), gone(own("10.0.0.1")), gone(own("10.0.0.1")), begin(),
        present(link(1, false)), present(route("10.0.0.0/24", 1)), interrupted(), begin(),
        present(route("10.0.0.0/24", 1)), end()}) {
    state.apply(event);
  }
  const std::vector<Update> expected{{Told::kPresent, link(1)},         {Told::kPresent, link(2)},
                                     {Told::kPresent, own("10.0.0.1")}, {Told::kPresent, link(1, false)},
                                     {Told::kGone, own("10.0.0.1")},    {Told::kPresent, route("10.0.0.0/24", 1)},
                                     {Told::kGone, link(1, false)},     {Told::kGone, link(2)}};
  EXPECT_EQ(recorder.updates, expected);
}

}  // namespace
}  // namespace sounder::net
