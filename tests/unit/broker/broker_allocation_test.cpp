// What the core must not allocate: anything between a request and its result, and anything for who does not read.
#include <gtest/gtest.h>

#include <vector>

#include "engine/broker/limits.h"
#include "tests/support/allocation_counter.h"
#include "tests/support/broker_harness.h"

namespace sounder::broker::testing {
namespace {

using namespace std::chrono_literals;

TEST(BrokerAllocation, IsNoneBetweenAnAcceptedRequestAndItsWrittenResult) {
  Harness harness;
  const auto session = harness.client("0", true);
  harness.send(session, echoes(0, kEchoesPerTurn));
  base::BoundedVector<probe::EchoRequest> requests(kEchoesPerTurn);
  Bytes buffer(kMaxBrokerFrame + 4);
  std::size_t written = 0;
  EXPECT_EQ(sounder::testing::allocations_of([&] {
              harness.broker->take_echoes(requests, harness.now);
              for (const auto& request : requests) harness.reply(request);
              EXPECT_EQ(harness.broker->next_ready(), session);
              written = harness.broker->take_output(session, buffer, harness.now);
            }),
            0U);
  EXPECT_EQ(requests.size(), kEchoesPerTurn);
  EXPECT_GT(written, kEchoesPerTurn * sizeof(protocol::EchoResult));
}

TEST(BrokerAllocation, IsNoneForWhoDoesNotRead) {
  BrokerConfig config;
  config.event_ring = 16;
  Harness harness(config);
  const auto session = harness.client("0", true);
  harness.send(session, want(1, Wanted().level(7, 100).edge(7, 100).monitor(10ms, 4).outcomes_of("g")));
  static_cast<void>(harness.told(session));
  harness.broker->on_blocked(session, harness.now);
  auto info = std::make_shared<probe::TargetInfo>();
  info->group = std::make_shared<const std::string>("g");
  base::BoundedVector<probe::EchoRequest> requests(kEchoesPerTurn);
  const auto events = [&] {
    for (std::uint32_t i = 0; i < 1000; ++i) {
      harness.change(route(i % 8));  // the list of changes has these from the first round on
      harness.broker->on_outcome(info, {}, harness.now);
      harness.now += 10ms;
      harness.broker->turn(harness.now);
      requests.clear();
      harness.broker->take_echoes(requests, harness.now);
      for (const auto& request : requests) harness.reply(request);
    }
  };
  events();
  const auto used = harness.broker->statistics().used;
  const auto bytes = harness.memory.bytes();
  events();
  EXPECT_EQ(harness.broker->statistics().used, used);
  EXPECT_EQ(harness.memory.bytes(), bytes);
  harness.broker->on_writable(session, harness.now);
  const auto told = harness.told(session);
  EXPECT_EQ(told.size(), 4U) << "one message of each kind, with its gap";
}

}  // namespace
}  // namespace sounder::broker::testing
