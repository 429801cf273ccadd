/// What packet I/O asks of Windows. Wine lets through what Windows refuses (receives before a bind), and puts on the
/// wire what Windows ignores (IP_TOS); so the calls are looked at, and not what comes of them.
#include "engine/platform/windows/packet_io.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <string>
#include <vector>

#include "engine/base/limits.h"
#include "engine/platform/windows/winsock.h"
#include "engine/wire/echo_request.h"
#include "tests/unit/platform/windows/noted_calls.h"

namespace sounder::platform::windows {
namespace {

using base::IpAddress;
using Step = NotedCalls::Step;
using ::testing::HasSubstr;

class NotedLog final : public base::Logger {
 public:
  void log(base::LogLevel level, std::string_view event, std::initializer_list<base::LogField> /*fields*/) override {
    if (level == base::LogLevel::kWarning) warnings.emplace_back(event);
    if (level == base::LogLevel::kInfo) notes.emplace_back(event);
  }
  std::vector<std::string> warnings;
  std::vector<std::string> notes;
};

class WindowsPacketIoTest : public ::testing::Test {
 protected:
  void SetUp() override {
    int error = 0;
    const SOCKET socket = SocketCalls().open(base::Family::kIpv4, error);
    if (socket == INVALID_SOCKET) GTEST_SKIP() << "no raw sockets here: error " << error;
    closesocket(socket);
  }
  [[nodiscard]] base::Result<std::unique_ptr<io::PacketIo>> open(std::size_t receives = 4) {
    PacketIoConfig config;
    config.receives = receives;
    config.identifier = 0x4d31;
    return open_packet_io(config, context_.get_executor(), *clock_, log_, calls_);
  }
  wire::TxResult send(io::PacketIo& io, const char* to, const wire::PacketOptions& options) {
    wire::TxRequest request;
    request.destination = *IpAddress::parse(to);
    request.identifier = wire::Identifier(0x4d31);
    request.options = &options;
    base::BoundedVector<wire::TxResult> results(1);
    io.send({&request, 1}, results);
    return results[0];
  }
  [[nodiscard]] std::size_t senders() const {
    return static_cast<std::size_t>(std::count_if(calls_.sockets.begin(), calls_.sockets.end(), [](const auto& socket) {
      return std::count(socket.steps.begin(), socket.steps.end(), Step::kSend) != 0;
    }));
  }

  Winsock winsock_;
  std::unique_ptr<io::Clock> clock_ = make_clock();
  NotedLog log_;
  NotedCalls calls_;
  boost::asio::io_context context_;
};

TEST_F(WindowsPacketIoTest, EverySocketIsBoundAndOnThePortBeforeItIsUsed) {
  auto io = open();
  ASSERT_TRUE(io);
  wire::PacketOptions options;
  options.ttl = 7;
  options.source = IpAddress::parse("127.0.0.1");
  send(**io, "127.0.0.1", options);
  for (const NotedCalls::Socket& socket : calls_.sockets) {
    std::vector<Step> steps = socket.steps;
    steps.erase(std::remove(steps.begin(), steps.end(), Step::kOption), steps.end());
    if (steps.empty()) continue;  // of a family that is missing
    EXPECT_EQ(steps.at(0), Step::kBind);
    EXPECT_EQ(std::count(steps.begin(), steps.end(), Step::kBind), 1);
    if (steps.size() > 1) {
      EXPECT_EQ(steps.at(1), Step::kAttach);
    }
  }
  EXPECT_EQ(calls_.sockets.back().address, options.source);
}

TEST_F(WindowsPacketIoTest, KeepsTheReceivesOutstandingThatWereAskedFor) {
  auto io = open(10);
  ASSERT_TRUE(io);
  const std::size_t families = (*io)->traits().ipv6 ? 2 : 1;
  EXPECT_EQ(calls_.posted, 10 * families);
}

TEST_F(WindowsPacketIoTest, SocketsAreKeyedByOptionsAndNeverByTarget) {
  auto io = open();
  ASSERT_TRUE(io);
  wire::PacketOptions other;
  other.ttl = 9;
  for (int i = 1; i <= 100; ++i) {
    const std::string target = "127.0.1." + std::to_string(i);
    EXPECT_EQ(send(**io, target.c_str(), {}).kind, wire::TxResult::Kind::kAccepted);
    EXPECT_EQ(send(**io, target.c_str(), other).kind, wire::TxResult::Kind::kAccepted);
    context_.poll();
  }
  EXPECT_EQ(senders(), 2U);
}

TEST_F(WindowsPacketIoTest, AsksForTheOptionsOfTheRequestAndNoOthers) {
  auto io = open();
  ASSERT_TRUE(io);
  wire::PacketOptions options;
  options.ttl = 7;
  options.dscp = 46;
  options.dont_fragment = true;
  send(**io, "127.0.0.1", options);
  const auto& asked = calls_.sockets.back().options;
  EXPECT_EQ(asked.at({IPPROTO_IP, IP_TTL}), 7U);
  EXPECT_EQ(asked.at({IPPROTO_IP, IP_TOS}), 46U << 2U);
  EXPECT_EQ(asked.at({IPPROTO_IP, IP_DONTFRAGMENT}), 1U);
  for (const NotedCalls::Socket& socket : calls_.sockets) {
    if (&socket == &calls_.sockets.back()) continue;
    EXPECT_EQ(socket.options.count({IPPROTO_IP, IP_TOS}), 0U);
  }
}

TEST_F(WindowsPacketIoTest, RefusesMoreSetsOfOptionsThanThereMayBeSockets) {
  auto io = open();
  ASSERT_TRUE(io);
  wire::PacketOptions options;
  for (std::size_t i = 1; i < base::kMaxSendSockets; ++i) {
    options.ttl = static_cast<std::uint8_t>(64 + i);
    ASSERT_EQ(send(**io, "127.0.0.1", options).failure, wire::SendFailure::kNone) << i;
  }
  for (std::uint8_t ttl = 1; ttl < 4; ++ttl) {
    options.ttl = ttl;
    EXPECT_EQ(send(**io, "127.0.0.1", options).failure, wire::SendFailure::kInvalid);
  }
  EXPECT_EQ(send(**io, "127.0.0.1", {}).failure, wire::SendFailure::kNone) << "the others go on";
  EXPECT_EQ(std::count_if(log_.warnings.begin(), log_.warnings.end(),
                          [](const auto& text) { return text.find("too many different sets") == 0; }),
            1);
}

TEST_F(WindowsPacketIoTest, WhatWindowsDoesNotHaveIsRefused) {
  auto io = open();
  ASSERT_TRUE(io);
  wire::PacketOptions options;
  options.mark = 1;
  EXPECT_EQ(send(**io, "127.0.0.1", options).failure, wire::SendFailure::kInvalid);
  options = {};
  options.source = IpAddress::parse("::1");
  EXPECT_EQ(send(**io, "127.0.0.1", options).failure, wire::SendFailure::kInvalid);
}

TEST_F(WindowsPacketIoTest, DoesWithFewerReceivesWhereMemoryIsShort) {
  calls_.receives_let = 6;
  auto io = open(4);
  ASSERT_TRUE(io) << "the first family has all, the second some or none";
  calls_.receives_let = static_cast<std::size_t>(-1);
  (void)(*io)->receive();
  const std::size_t families = (*io)->traits().ipv6 ? 2 : 1;
  EXPECT_EQ(calls_.posted, 4 * families) << "the rest is posted when there is memory again";
}

TEST_F(WindowsPacketIoTest, PostsAReceiveAgainThatWasRefusedInPassing) {
  calls_.receives_let = 2;
  calls_.refuse_receive = number::kWsaConnectionReset;
  auto io = open(4);
  ASSERT_TRUE(io);
  const std::size_t said = log_.warnings.size();
  EXPECT_GE(said, 1U);
  for (int i = 0; i < 3; ++i) (void)(*io)->receive();
  EXPECT_EQ(calls_.posted, 2U);
  EXPECT_EQ(log_.warnings.size(), said) << "said once";
  calls_.receives_let = static_cast<std::size_t>(-1);
  (void)(*io)->receive();
  EXPECT_GE(calls_.posted, 4U);
}

TEST_F(WindowsPacketIoTest, WithoutMemoryForASingleReceiveThereIsNoPacketIo) {
  calls_.receives_let = 0;
  const auto io = open();
  ASSERT_FALSE(io);
  EXPECT_EQ(io.error().code.value(), number::kWsaNoBuffer);
}

TEST_F(WindowsPacketIoTest, NamesAdministratorsWhereTheRightIsMissing) {
  calls_.refuse_open = number::kWsaAccess;
  const auto io = open();
  ASSERT_FALSE(io);
  EXPECT_THAT(io.error().what, HasSubstr("Administrators"));
  EXPECT_THAT(io.error().what, HasSubstr("10013"));
  EXPECT_EQ(io.error().code.value(), number::kWsaAccess);
}

TEST_F(WindowsPacketIoTest, NamesTheFirewallRuleOnceAtTheStart) {
  const auto io = open();
  ASSERT_TRUE(io);
  ASSERT_EQ(log_.notes.size(), 1U);
  EXPECT_THAT(log_.notes[0], HasSubstr("Firewall"));
}

TEST_F(WindowsPacketIoTest, TheIcmpv6ChecksumIsOurs) {
  auto io = open();
  ASSERT_TRUE(io);
  if (!(*io)->traits().ipv6) GTEST_SKIP() << "no raw ICMPv6 sockets here";
  wire::PacketOptions options;
  options.source = IpAddress::parse("::1");
  ASSERT_EQ(send(**io, "::1", options).failure, wire::SendFailure::kNone);
  ASSERT_GE(calls_.sent.size(), wire::kIcmpHeaderSize);
  EXPECT_FALSE(calls_.sent[2] == std::byte{0} && calls_.sent[3] == std::byte{0});
}

}  // namespace
}  // namespace sounder::platform::windows
