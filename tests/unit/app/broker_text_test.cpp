// What the commands that are clients of the daemon print.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

#include "app/broker_client.h"
#include "app/broker_ping.h"
#include "app/broker_top_text.h"
#include "app/watch_text.h"

namespace sounder::app {
namespace {

using boost::asio::ip::make_address;
using client::WatchEvent;
using ::testing::HasSubstr;

WatchEvent changed(client::NetworkObject object) {
  return {.kind = WatchEvent::Kind::kChanged, .object = std::move(object)};
}

client::Interface ethernet() {
  return {.index = 2, .name = "eth0", .up = true, .carrier = true, .loopback = false, .mtu = 1500};
}

TEST(WatchText, ObjectsAreNamedByTheirInterface) {
  WatchText text(false);
  const client::InterfaceAddress address{
      .interface_index = 2, .address = make_address("192.0.2.1"), .prefix_length = 24, .usable = false};
  EXPECT_EQ(text.line(changed(address)), "+ address 192.0.2.1/24 on interface 2, not usable yet");
  EXPECT_EQ(text.line(changed(ethernet())), "+ interface eth0 (2) up, carrier, MTU 1500");
  EXPECT_EQ(text.line(changed(address)), "+ address 192.0.2.1/24 on eth0, not usable yet");
  // Of what has gone there is the key alone; its name is remembered.
  EXPECT_EQ(text.line({.kind = WatchEvent::Kind::kGone, .object = client::Interface{.index = 2}}),
            "- interface eth0 (2)");
}

TEST(WatchText, Routes) {
  WatchText text(false);
  client::Route route{.destination = make_address("0.0.0.0"), .table = 254, .metric = 100, .interface_index = 3};
  route.gateway = make_address("192.0.2.254");
  EXPECT_EQ(text.line(changed(route)), "+ route default via 192.0.2.254 on interface 3, metric 100, table 254");
  EXPECT_EQ(text.line(changed(client::Route{.destination = make_address("2001:db8::"),
                                            .prefix_length = 32,
                                            .kind = client::RouteKind::kBlackhole,
                                            .link_down = true})),
            "+ route blackhole 2001:db8::/32, metric 0, link down");
}

TEST(WatchText, GapsAndNotes) {
  WatchText text(false);
  EXPECT_EQ(text.line({.kind = WatchEvent::Kind::kMissed, .missed = 12}), "! 12 changes were missed");
  EXPECT_EQ(text.line({.kind = WatchEvent::Kind::kMissed}), "! an unknown number of changes were missed");
  EXPECT_EQ(text.missed_outcomes(3), "! 3 outcomes were missed");
  EXPECT_EQ(text.line({.kind = WatchEvent::Kind::kRefused, .failure = {.text = "full"}}), "! refused: full");
}

TEST(WatchText, Outcomes) {
  WatchText text(false);
  client::TargetOutcome told{.group = "lab", .target = "router", .address = "192.0.2.1", .sequence = 7};
  told.outcome.kind = client::OutcomeKind::kReply;
  told.outcome.rtt = std::chrono::microseconds(340);
  EXPECT_EQ(text.line(told), "lab/router 192.0.2.1 reply 0.340 ms");
  told.outcome.kind = client::OutcomeKind::kIcmpError;
  told.outcome.icmp_type = 3;
  told.outcome.icmp_code = 1;
  told.outcome.from = make_address("192.0.2.9");
  EXPECT_EQ(text.line(told), "lab/router 192.0.2.1 icmp_error type 3 code 1 from 192.0.2.9");
  told.outcome.kind = client::OutcomeKind::kTimeout;
  EXPECT_EQ(text.line(told), "lab/router 192.0.2.1 timeout");
}

TEST(WatchText, JsonIsOneObjectALine) {
  WatchText text(true);
  EXPECT_EQ(text.line(changed(ethernet())),
            R"({"event":"changed","object":"interface","index":2,"name":"eth0","up":true,"carrier":true,)"
            R"("loopback":false,"mtu":1500})");
  EXPECT_EQ(text.line({.kind = WatchEvent::Kind::kSnapshotEnds}), R"({"event":"snapshot_ends"})");
  EXPECT_EQ(text.line({.kind = WatchEvent::Kind::kMissed}), R"({"event":"missed","what":"changes","count":null})");
  client::TargetOutcome told{.group = "lab", .target = "router", .address = "192.0.2.1", .sequence = 7};
  told.outcome.kind = client::OutcomeKind::kSendFailed;
  told.outcome.send_failure = client::SendFailure::kNoRoute;
  EXPECT_EQ(text.line(told), R"({"event":"outcome","group":"lab","target":"router","address":"192.0.2.1","sequence":7,)"
                             R"("outcome":"send_failed","reason":"no_route"})");
}

TEST(BrokerTop, ThoseThatHoldMostComeFirst) {
  const client::SessionInfo small{.session = 1, .user = "1000", .process = 11, .program = "small", .bytes = 10};
  const client::SessionInfo large{.session = (std::uint64_t{5} << 32U) | 2U,
                                  .user = "0",
                                  .process = 22,
                                  .program = "with\x1b[31mcolour",
                                  .watches = 300'000,
                                  .bytes = std::uint64_t{20} << 20U,
                                  .kernel_bytes = 66'560,
                                  .lag = 4,
                                  .parked = std::chrono::milliseconds(1500),
                                  .missed = 6};
  const std::string table = broker_top_table({small, large});
  EXPECT_LT(table.find("colour"), table.find("small"));
  EXPECT_THAT(table, HasSubstr("       2        0       22   300000        0        0       0    20.0M    65.0K"
                               "        4     1.5s         6  with?[31mcolour\n"));
  EXPECT_THAT(table, HasSubstr("   sum 2"));
}

TEST(BrokerPing, OutcomesAreThoseOfTheEngine) {
  const auto target = base::IpAddress::v4(0x7f000001);
  client::Outcome outcome;
  outcome.kind = client::OutcomeKind::kReply;
  outcome.rtt = std::chrono::milliseconds(2);
  outcome.size = 56;
  outcome.ttl = 63;
  const auto reply = to_engine_outcome(outcome, target);
  EXPECT_EQ(reply.kind, probe::OutcomeKind::kReply);
  EXPECT_EQ(reply.rtt.time, std::chrono::milliseconds(2));
  EXPECT_EQ(reply.data_size, 56);
  EXPECT_EQ(reply.ttl, 63);
  outcome.kind = client::OutcomeKind::kIcmpError;
  outcome.icmp_type = 11;
  outcome.from = make_address("192.0.2.9");
  const auto error = to_engine_outcome(outcome, target);
  ASSERT_TRUE(error.icmp_error);
  EXPECT_EQ(error.icmp_error->type, 11);
  EXPECT_EQ(error.icmp_error->reporter.to_string(), "192.0.2.9");
  outcome.kind = client::OutcomeKind::kRefused;
  const auto refused = to_engine_outcome(outcome, target);
  EXPECT_EQ(refused.kind, probe::OutcomeKind::kSendFailed);
  EXPECT_EQ(refused.send_failure, wire::SendFailure::kNotPermitted);
}

TEST(BrokerPing, EveryKindAndReasonHasTheSameNameOnBothSides) {
  for (int kind = 0; kind < static_cast<int>(probe::kOutcomeKinds); ++kind) {
    EXPECT_STREQ(to_string(static_cast<client::OutcomeKind>(kind)), to_string(static_cast<probe::OutcomeKind>(kind)));
  }
  for (int reason = 1; reason < static_cast<int>(wire::kSendFailureCount); ++reason) {
    EXPECT_STREQ(to_string(static_cast<client::SendFailure>(reason)),
                 to_string(static_cast<wire::SendFailure>(reason)));
  }
}

TEST(BrokerClient, AMissingDaemonIsSaidWithWhatToDo) {
  EXPECT_EQ(no_daemon_message("watch", {.error = client::Errc::kNotConnected}),
            "sounder watch: there is no connection to sounder (is `sounder run` running, with its broker enabled?)");
}

}  // namespace
}  // namespace sounder::app
