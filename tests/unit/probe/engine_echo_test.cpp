/// Echoes beside the targets: exactly one result each, and none of their packets counts for a target.
#include <algorithm>
#include <set>

#include "tests/unit/probe/engine_fixture.h"
#include "tests/unit/probe/fake_paths.h"

namespace sounder::probe::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class EngineEcho : public EngineTest {
 protected:
  EngineEcho() {
    config_.max_requests = 8;
    start();
  }

  static EchoRequest echo(std::string_view to, std::uint16_t size = 56, std::uint64_t ticket = 7) {
    EchoRequest request;
    request.ticket = EchoTicket(ticket);
    request.address = address(to);
    request.size = size;
    return request;
  }
  /// One echo, sent, accepted and stamped.
  wire::TxRequest sent(const EchoRequest& request, base::Duration now) {
    engine().on_request(request);
    send(now);
    EXPECT_THAT(actions().sends, SizeIs(1));
    return actions().sends[0];
  }
  [[nodiscard]] const EchoResult& result() {
    EXPECT_THAT(actions().echoes, SizeIs(1));
    return actions().echoes[0];
  }
  [[nodiscard]] std::uint64_t strays(StrayKind kind) { return numbers().echo_strays[static_cast<std::size_t>(kind)]; }
};

TEST_F(EngineEcho, LeavesAtOnceAndEndsWithItsReply) {
  EchoRequest request = echo("192.0.2.1", 100);
  request.packet.ttl = 9;
  engine().on_request(request);
  EXPECT_LE(engine().next_deadline(), at(1s));
  EXPECT_EQ(engine().requests(), 1U);
  send(1s);
  const wire::TxRequest sent = this->request();
  EXPECT_EQ(sent.options->ttl, 9);
  EXPECT_EQ(sent.data_size, 100);
  receive(Message::reply_to(sent).stamped(1s + 1us + 5ms).ttl(61), 1s + 6ms);
  EXPECT_EQ(result().ticket, EchoTicket(7));
  EXPECT_EQ(result().kind, OutcomeKind::kReply);
  EXPECT_EQ(result().rtt.time, 5ms);
  EXPECT_EQ(result().rtt.tx, StampSource::kKernel);
  EXPECT_EQ(result().ttl, 61);
  EXPECT_EQ(result().data_size, 100);
  EXPECT_EQ(engine().requests(), 0U);
  EXPECT_EQ(engine().in_flight(), 0U);
  EXPECT_EQ(engine().next_deadline(), base::MonoTime::max());
}

TEST_F(EngineEcho, ShortDataIsMatchedByItsNumber) {
  const wire::TxRequest sent = this->sent(echo("192.0.2.1", 4), 1s);
  receive(Message::reply_to(sent).stamped(1s + 2ms), 1s + 3ms);
  EXPECT_EQ(result().kind, OutcomeKind::kReply);
  receive(Message::reply_to(sent), 1s + 4ms);
  EXPECT_THAT(actions().echoes, IsEmpty());
  EXPECT_EQ(strays(StrayKind::kDuplicate), 1U);
}

TEST_F(EngineEcho, TimesOutAfterItsOwnTimeout) {
  EchoRequest request = echo("192.0.2.1");
  request.timeout = 250ms;
  const wire::TxRequest sent = this->sent(request, 1s);
  EXPECT_THAT(deadline(1s + 249ms).echoes, IsEmpty());
  deadline(1s + 251ms);
  EXPECT_EQ(result().kind, OutcomeKind::kTimeout);
  EXPECT_EQ(result().reason, Reason::kTimeout);
  receive(Message::reply_to(sent).stamped(1s + 300ms), 1s + 301ms);
  EXPECT_THAT(actions().echoes, IsEmpty());
  EXPECT_EQ(strays(StrayKind::kLate), 1U);
}

TEST_F(EngineEcho, AnIcmpErrorEndsItAlsoWithEightQuotedBytes) {
  const wire::TxRequest sent = this->sent(echo("192.0.2.1"), 1s);
  receive(Message::error_about(sent, kUnreachable, 13, "198.51.100.1"), 1s + 1ms);
  EXPECT_EQ(result().kind, OutcomeKind::kIcmpError);
  EXPECT_EQ(result().reason, Reason::kAdminProhibited);
  ASSERT_TRUE(result().icmp_error.has_value());
  EXPECT_EQ(result().icmp_error->reporter, address("198.51.100.1"));
  receive(Message::error_about(sent, kUnreachable, 13, "198.51.100.1"), 1s + 2ms);
  EXPECT_THAT(actions().echoes, IsEmpty());
}

TEST_F(EngineEcho, AQuoteWithAnotherTagIsNotAboutIt) {
  const wire::TxRequest sent = this->sent(echo("192.0.2.1"), 1s);
  Message forged = Message::error_about(sent, kUnreachable, kHost, "198.51.100.1", 56);
  receive(forged.damage(8 + 20 + kTagOffset), 1s + 1ms);
  EXPECT_THAT(actions().echoes, IsEmpty());
  EXPECT_EQ(numbers().unmatched_packets, 1U);
}

TEST_F(EngineEcho, ARefusedSendSaysWhy) {
  engine().on_request(echo("192.0.2.1"));
  deadline(1s);
  refuse(request(), wire::SendFailure::kNotPermitted, 1s);
  EXPECT_EQ(result().kind, OutcomeKind::kSendFailed);
  EXPECT_EQ(result().send_failure, wire::SendFailure::kNotPermitted);
  EXPECT_EQ(result().reason, Reason::kNotPermitted);
}

TEST_F(EngineEcho, WhatOurOwnQueueLostIsALocalDrop) {
  sent(echo("192.0.2.1"), 1s);
  engine().on_overflow(1, at(2s));
  deadline(3s + 1ms);
  EXPECT_EQ(result().kind, OutcomeKind::kLocalDrop);
  EXPECT_EQ(result().reason, Reason::kNone);
}

TEST_F(EngineEcho, AMissingStampTellsSilenceOnTheLinkFromAProbeThatNeverLeft) {
  FakePaths paths(gateway());
  paths.to(address("192.0.2.9"), on_link());
  engine().on_network(&paths);
  engine().on_request(echo("192.0.2.9", 56, 1));
  engine().on_request(echo("198.51.100.9", 56, 2));
  deadline(1s);
  accept(1s);
  deadline(3s + 1ms);
  ASSERT_THAT(actions().echoes, SizeIs(2));
  EXPECT_EQ(actions().echoes[0].kind, OutcomeKind::kTimeout);
  EXPECT_EQ(actions().echoes[0].reason, Reason::kNoNeighbour);
  EXPECT_EQ(actions().echoes[1].kind, OutcomeKind::kSendFailed);
  EXPECT_EQ(actions().echoes[1].send_failure, wire::SendFailure::kNotSent);
}

TEST_F(EngineEcho, AWayThatWasLostMeanwhileIsOurOwnFault) {
  FakePaths up(on_link());
  FakePaths down(no_carrier());
  engine().on_network(&up);
  engine().on_request(echo("192.0.2.9"));
  deadline(1s);
  accept(1s);
  engine().on_network(&down);
  deadline(1s + 100ms);
  engine().on_network(&up);
  deadline(1s + 200ms);
  deadline(3s + 1ms);
  EXPECT_EQ(result().kind, OutcomeKind::kSendFailed);
  EXPECT_EQ(result().send_failure, wire::SendFailure::kNotSent);
}

TEST_F(EngineEcho, OurOwnHostsWordForWantOfANeighbourIsItsTimeout) {
  FakePaths paths(on_link());
  engine().on_network(&paths);
  engine().on_request(echo("192.0.2.9"));
  deadline(1s);
  accept(1s);
  const wire::TxRequest sent = request();
  receive(Message::error_about(sent, kUnreachable, kHost, "192.0.2.1").to("192.0.2.1"), 1s + 500ms);
  EXPECT_EQ(result().kind, OutcomeKind::kTimeout);
  EXPECT_EQ(result().reason, Reason::kNoNeighbour);
}

TEST_F(EngineEcho, AReplyFromElsewhereCountsOnlyWhereThatWasAskedFor) {
  const wire::TxRequest first = sent(echo("192.0.2.1"), 1s);
  receive(Message::reply_to(first).from("192.0.2.2"), 1s + 1ms);
  EXPECT_THAT(actions().echoes, IsEmpty());
  EXPECT_EQ(strays(StrayKind::kForeign), 1U);
  EchoRequest request = echo("192.0.2.1");
  request.accept_foreign = true;
  const wire::TxRequest second = sent(request, 1s);
  receive(Message::reply_to(second).from("192.0.2.2").stamped(1s + 2ms), 1s + 3ms);
  EXPECT_EQ(result().kind, OutcomeKind::kReply);
}

TEST_F(EngineEcho, NothingOfItCountsForATargetOfItsAddress) {
  const auto record = add("192.0.2.1", {}, 500ms);
  send(1s);
  receive(Message::reply_to(request()).stamped(1s + 1ms), 1s + 2ms);
  for (const std::uint16_t size : {std::uint16_t{56}, std::uint16_t{4}}) {
    const wire::TxRequest echo_sent = sent(echo("192.0.2.1", size), 1s + 10ms);
    receive(Message::reply_to(echo_sent).damage(kDataOffset + 3), 1s + 11ms);  // corrupt
    receive(Message::reply_to(echo_sent).from("192.0.2.2"), 1s + 12ms);        // foreign
    receive(Message::reply_to(echo_sent).stamped(1s + 20ms), 1s + 21ms);       // its reply
    receive(Message::reply_to(echo_sent).stamped(1s + 22ms), 1s + 23ms);       // twice
    receive(Message::error_about(echo_sent, kUnreachable, kHost, "198.51.100.1"), 1s + 24ms);
    receive(Message::error_about(echo_sent, kUnreachable, kHost, "192.0.2.7").to("192.0.2.7"), 1s + 25ms);
  }
  const TargetNumbers numbers = read(record);
  EXPECT_EQ(numbers.due, 1U);
  EXPECT_EQ(numbers.outcome(OutcomeKind::kReply), 1U);
  EXPECT_THAT(numbers.strays, ::testing::Each(0U));
  EXPECT_EQ(numbers.reason, Reason::kNone);
  EXPECT_EQ(this->numbers().echo_outcomes[static_cast<std::size_t>(OutcomeKind::kReply)].load(), 2U);
  EXPECT_EQ(strays(StrayKind::kCorrupt), 2U);
  EXPECT_EQ(strays(StrayKind::kDuplicate), 2U);
}

TEST_F(EngineEcho, ATargetsPacketsCountForNoEcho) {
  const auto record = add("192.0.2.1", {}, 0s);
  engine().on_request(echo("192.0.2.1", 56, 3));
  send(1s);
  ASSERT_THAT(actions().sends, SizeIs(2));
  const wire::TxRequest of_target = actions().sends[0];
  receive(Message::error_about(of_target, kUnreachable, 13, "198.51.100.1"), 1s + 1ms);
  EXPECT_THAT(actions().outcomes, ElementsAre(IsOutcome(OutcomeKind::kIcmpError)));
  EXPECT_THAT(actions().echoes, IsEmpty());
}

/// Numbers on the wire are 16 bits, and all that an ICMP error's quote may have.
TEST_F(EngineEcho, TakesNoNumberThatATargetOfTheAddressIsNear) {
  ProbeOptions often;
  often.interval = 1s;
  std::vector<std::shared_ptr<TargetRecord>> records;
  for (std::uint64_t i = 0; i < 40; ++i) records.push_back(add("192.0.2.1", often, 0s, i));
  std::set<std::uint16_t> theirs;
  for (int second = 1; second <= 30; ++second) {
    for (base::Duration now = second * 1s; now <= second * 1s + 1ms; now += 1ms) {
      for (const wire::TxRequest& request : send(now).sends) theirs.insert(request.sequence.value());
    }
    const wire::TxRequest ours = sent(echo("192.0.2.1"), second * 1s + 500ms);
    for (std::uint16_t ahead = 0; ahead < 5; ++ahead) {
      EXPECT_FALSE(theirs.contains(static_cast<std::uint16_t>(ours.sequence.value() + ahead))) << second;
    }
    receive(Message::reply_to(ours).stamped(second * 1s + 501ms), second * 1s + 502ms);
  }
}

TEST_F(EngineEcho, WaitsForTheRateLimitButIsNotStarvedByTargets) {
  config_.rate_limit = 100;
  start();
  for (std::uint64_t i = 0; i < 200; ++i) add("10.0.0." + std::to_string(i + 1), {}, 0s, i);
  for (std::uint64_t i = 0; i < 4; ++i) engine().on_request(echo("192.0.2.1", 56, i));
  std::size_t echoes = 0;
  std::size_t all = 0;
  for (base::Duration now = 1s; now < 2s; now += 1ms) {
    send(now);
    all += actions().sends.size();
    echoes += static_cast<std::size_t>(std::count_if(actions().sends.begin(), actions().sends.end(), [](const auto& r) {
      return r.destination == address("192.0.2.1");
    }));
  }
  EXPECT_LE(all, 102U);
  EXPECT_EQ(echoes, 4U);
}

TEST_F(EngineEcho, PlacesAreUsedAgainAndNoOldPacketIsTakenForANewEcho) {
  std::vector<wire::TxRequest> old;
  for (std::uint64_t i = 0; i < 100; ++i) {
    const base::Duration now = 1s + i * 10ms;
    old.push_back(sent(echo("192.0.2.1", i % 2 == 0 ? 56 : 4, i), now));
    receive(Message::reply_to(old.back()).stamped(now + 1ms), now + 2ms);
    ASSERT_EQ(result().ticket, EchoTicket(i));
  }
  const wire::TxRequest latest = sent(echo("192.0.2.1", 56, 200), 3s);
  for (const wire::TxRequest& request : old) receive(Message::reply_to(request).stamped(3s + 1ms), 3s + 2ms);
  EXPECT_THAT(actions().echoes, IsEmpty());
  receive(Message::reply_to(latest).stamped(3s + 1ms), 3s + 2ms);
  EXPECT_EQ(result().ticket, EchoTicket(200));
}

/// By then the target comes to the number that the echo had.
TEST_F(EngineEcho, AnEndedEchoIsForgottenBeforeATargetNeedsItsNumber) {
  const wire::TxRequest echo_sent = sent(echo("192.0.2.1", 4), 1s);
  receive(Message::reply_to(echo_sent).stamped(1s + 1ms), 1s + 2ms);
  receive(Message::reply_to(echo_sent), 10s);
  EXPECT_EQ(strays(StrayKind::kDuplicate), 1U);
  const auto record = add("192.0.2.1", {}, 12s);
  send(13s);
  receive(Message::reply_to(request()).sequence(echo_sent.sequence.value()).damage(kDataOffset), 13s + 1ms);
  EXPECT_EQ(strays(StrayKind::kCorrupt), 0U);
  EXPECT_EQ(read(record).strays[static_cast<std::size_t>(StrayKind::kCorrupt)], 1U);
}

TEST_F(EngineEcho, TargetsKeepThePlacesThatTheyWerePromised) {
  const auto record = add("192.0.2.1", {}, 0s);
  for (std::uint64_t i = 0; i < 8; ++i) engine().on_request(echo("192.0.2.7", 56, i));
  for (int second = 1; second <= 5; ++second) send(second * 1s);
  EXPECT_EQ(read(record).outcome(OutcomeKind::kSendFailed), 0U);
}

TEST_F(EngineEcho, MoreThanThereIsRoomForIsABug) {
  for (std::uint64_t i = 0; i < 8; ++i) engine().on_request(echo("192.0.2.7", 56, i));
  EXPECT_DEATH(engine().on_request(echo("192.0.2.7")), "full");
}

}  // namespace
}  // namespace sounder::probe::testing
