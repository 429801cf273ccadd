/// Many probes of one target, across the wrap of the 16-bit sequence; and no allocation while they come and go.
#include "tests/support/allocation_counter.h"
#include "tests/unit/probe/engine_fixture.h"

namespace sounder::probe::testing {
namespace {

constexpr std::uint64_t kInFlight = 70'000;

class EngineScale : public EngineTest {};

ProbeOptions often(std::uint16_t size) {
  ProbeOptions options;
  options.interval = 1ms;
  options.timeout = 75s;
  options.size = size;
  return options;
}

TEST_F(EngineScale, SeventyThousandInFlightToOneTargetAreEachCreditedRightly) {
  const auto record = add("192.0.2.1", often(16));
  std::vector<wire::TxRequest> sent;
  for (std::uint64_t i = 0; i < kInFlight; ++i) {
    send(i * 1ms);
    ASSERT_EQ(actions().sends.size(), 1U);
    sent.push_back(request());
  }
  EXPECT_EQ(engine().in_flight(), kInFlight);
  // Youngest first, so that twins on the wire (65,536 apart) can't be told by order.
  for (std::uint64_t i = kInFlight; i-- > 0;) {
    receive(Message::reply_to(sent[i]).stamped(i * 1ms + 1us + 70s), 70s + i * 1ms + 10us, 69s);
    ASSERT_EQ(actions().outcomes.size(), 1U) << i;
    ASSERT_EQ(actions().outcomes[0].due, at(i * 1ms));
    ASSERT_EQ(actions().outcomes[0].rtt.time, 70s);
  }
  EXPECT_EQ(read(record).outcome(OutcomeKind::kReply), kInFlight);
  EXPECT_EQ(read(record).reordered, kInFlight - 1);
}

TEST_F(EngineScale, ErrorsThatQuoteTheTagFindTheOlderOfTwins) {
  const auto record = add("192.0.2.1", often(16));
  send(0s);
  const wire::TxRequest first = request();
  for (std::uint64_t i = 1; i <= 65'536; ++i) send(i * 1ms);
  ASSERT_EQ(request().sequence, first.sequence);
  receive(Message::error_about(first, 3, 1, "198.51.100.1", 16), 66s);
  ASSERT_EQ(actions().outcomes.size(), 1U);
  EXPECT_EQ(actions().outcomes[0].due, at(0s));
}

TEST_F(EngineScale, AMillionProbesInSteadyStateAllocateNothing) {
  constexpr std::uint64_t kTargets = 1000;
  constexpr std::uint64_t kProbes = 1'000'000;
  config_.rate_limit = 10'000'000;
  config_.max_requests = 100;
  start();
  ProbeOptions options = often(0);
  options.timeout = 5ms;
  for (std::uint64_t i = 0; i < kTargets; ++i) {
    options.size = static_cast<std::uint16_t>(i % 40);
    add("10.1." + std::to_string(i / 250) + "." + std::to_string(i % 250 + 1), options, 0s, i * 1000);
  }
  std::uint64_t probes = 0;
  std::uint64_t made = 0;
  EchoRequest echo;
  echo.timeout = 5ms;
  for (base::Duration now = 10ms; probes < kProbes; now += 250us) {
    echo.address = address("10.1.0." + std::to_string(probes % 250 + 1));
    made += sounder::testing::allocations_of([&] {
      while (engine().requests() < config_.max_requests) engine().on_request(echo);
      send(now);
    });
    const Actions sent = actions();
    probes += sent.sends.size();
    engine().on_overflow(1, at(now));
    for (std::size_t i = 0; i < sent.sends.size(); i += 8) {  // one in eight is answered, the others time out
      const Message reply = Message::reply_to(sent.sends[i]).stamped(now + 50us);
      made += sounder::testing::allocations_of([&] { receive(reply, now + 60us); });
    }
  }
  EXPECT_GT(probes, kProbes - 1);
  EXPECT_EQ(made, 0U);
}

}  // namespace
}  // namespace sounder::probe::testing
