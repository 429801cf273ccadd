#include "app/ping_text.h"

#include <gtest/gtest.h>

#include <chrono>

namespace sounder::app {
namespace {

using namespace std::chrono_literals;
using base::IpAddress;
using probe::Outcome;
using probe::OutcomeKind;

const PingHost kAddress{.name = "127.0.0.1", .address = IpAddress::v4(0x7f000001)};
const PingHost kName{.name = "localhost", .address = IpAddress::v4(0x7f000001)};
const PingHost kIpv6{.name = "::1", .address = *IpAddress::parse("::1")};

Outcome reply(base::Duration time) {
  Outcome outcome;
  outcome.kind = OutcomeKind::kReply;
  outcome.rtt.time = time;
  outcome.ttl = 64;
  outcome.data_size = 56;
  return outcome;
}

Outcome of(OutcomeKind kind) {
  Outcome outcome;
  outcome.kind = kind;
  return outcome;
}

Outcome icmp_error(base::Family family, std::uint8_t type, std::uint8_t code) {
  Outcome outcome = of(OutcomeKind::kIcmpError);
  outcome.icmp_error = {.family = family, .type = type, .code = code, .reporter = *IpAddress::parse("192.0.2.1")};
  return outcome;
}

TEST(PingText, HeaderNamesWhatIsProbed) {
  EXPECT_EQ(ping_header(kName, 56), "PING localhost (127.0.0.1) 56(84) bytes of data.");
  EXPECT_EQ(ping_header(kIpv6, 56), "PING ::1(::1) 56 data bytes");
}

TEST(PingText, ReplyIsAsPingPrintsIt) {
  EXPECT_EQ(ping_line(kAddress, 1, reply(34us)), "64 bytes from 127.0.0.1: icmp_seq=1 ttl=64 time=0.034 ms");
  EXPECT_EQ(ping_line(kName, 7, reply(34us)), "64 bytes from localhost (127.0.0.1): icmp_seq=7 ttl=64 time=0.034 ms");
}

TEST(PingText, TimeHasThreeDigits) {
  const auto time_of = [](base::Duration time) {
    const std::string line = ping_line(kAddress, 1, reply(time));
    return line.substr(line.find("time="));
  };
  EXPECT_EQ(time_of(999'400ns), "time=0.999 ms");
  EXPECT_EQ(time_of(999'600ns), "time=1.00 ms");
  EXPECT_EQ(time_of(9'532us), "time=9.53 ms");
  EXPECT_EQ(time_of(9'996us), "time=10.0 ms");
  EXPECT_EQ(time_of(25'140us), "time=25.1 ms");
  EXPECT_EQ(time_of(99'960us), "time=100 ms");
  EXPECT_EQ(time_of(1'310ms), "time=1310 ms");
}

TEST(PingText, ReplyWithoutTtlLeavesItOut) {
  Outcome outcome = reply(1ms);
  outcome.ttl.reset();
  EXPECT_EQ(ping_line(kAddress, 1, outcome), "64 bytes from 127.0.0.1: icmp_seq=1 time=1.00 ms");
}

TEST(PingText, ErrorsSayWhoAndWhat) {
  EXPECT_EQ(ping_line(kAddress, 1, icmp_error(base::Family::kIpv4, 3, 1)),
            "From 192.0.2.1 icmp_seq=1 Destination Host Unreachable");
  EXPECT_EQ(ping_line(kAddress, 2, icmp_error(base::Family::kIpv4, 11, 0)),
            "From 192.0.2.1 icmp_seq=2 Time to live exceeded");
  EXPECT_EQ(ping_line(kAddress, 3, icmp_error(base::Family::kIpv4, 3, 200)),
            "From 192.0.2.1 icmp_seq=3 Destination Unreachable");
  EXPECT_EQ(ping_line(kAddress, 4, icmp_error(base::Family::kIpv6, 1, 3)),
            "From 192.0.2.1 icmp_seq=4 Destination unreachable: Address unreachable");
  EXPECT_EQ(ping_line(kAddress, 5, icmp_error(base::Family::kIpv6, 77, 9)),
            "From 192.0.2.1 icmp_seq=5 ICMP error: type 77 code 9");
}

TEST(PingText, WhatDidNotLeaveIsNoTimeout) {
  Outcome outcome = of(OutcomeKind::kSendFailed);
  outcome.send_failure = wire::SendFailure::kNoRoute;
  EXPECT_EQ(ping_line(kAddress, 1, outcome), "127.0.0.1: icmp_seq=1 not sent: no_route");
  EXPECT_EQ(ping_line(kAddress, 1, of(OutcomeKind::kTimeout)), "");
}

TEST(PingText, SummaryOfRepliesOnly) {
  PingStatistics statistics;
  for (const auto time : {30us, 40us, 50us}) statistics.add(reply(time));
  EXPECT_EQ(ping_summary(kAddress, statistics, 2003ms),
            "--- 127.0.0.1 ping statistics ---\n"
            "3 packets transmitted, 3 received, 0% packet loss, time 2003ms\n"
            "rtt min/avg/max/mdev = 0.030/0.040/0.050/0.008 ms\n");
}

TEST(PingText, SummaryOfEverythingThatCanHappen) {
  PingStatistics statistics;
  statistics.add(reply(1ms));
  statistics.add(of(OutcomeKind::kTimeout));
  statistics.add(icmp_error(base::Family::kIpv4, 3, 1));
  statistics.add(of(OutcomeKind::kSendFailed));
  statistics.add_duplicate();
  EXPECT_EQ(ping_summary(kName, statistics, 3s),
            "--- localhost ping statistics ---\n"
            "3 packets transmitted, 1 received, +1 duplicates, +2 errors, 66.6667% packet loss, time 3000ms\n"
            "rtt min/avg/max/mdev = 1.000/1.000/1.000/0.000 ms\n");
}

TEST(PingText, SummaryOfNothing) {
  EXPECT_EQ(ping_summary(kAddress, PingStatistics(), 0s),
            "--- 127.0.0.1 ping statistics ---\n0 packets transmitted, 0 received, 0% packet loss, time 0ms\n");
}

TEST(PingStatistics, MeanAndDeviationAreThoseOfTheDefinition) {
  PingStatistics statistics;
  for (const auto time : {2ms, 4ms, 4ms, 4ms, 5ms, 5ms, 7ms, 9ms}) statistics.add(reply(time));
  const auto rtt = statistics.rtt();
  ASSERT_TRUE(rtt);
  EXPECT_EQ(rtt->min, 2ms);
  EXPECT_EQ(rtt->avg, 5ms);
  EXPECT_EQ(rtt->max, 9ms);
  EXPECT_EQ(rtt->mdev, 2ms);
}

}  // namespace
}  // namespace sounder::app
