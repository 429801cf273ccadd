#include "tests/contract/packet_io_contract.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <set>

#include "engine/wire/echo_payload.h"
#include "engine/wire/icmp.h"

namespace sounder::contract {

namespace {

using Kind = wire::TxResult::Kind;
using ::testing::Each;
using ::testing::Field;
using ::testing::SizeIs;

}  // namespace

void PacketIoContract::SetUp() {
  world_ = GetParam().make();
  if (const std::string missing = world_->missing(); !missing.empty()) GTEST_SKIP() << missing;
}

wire::TxRequest PacketIoContract::request(const io::PacketIo& io, std::uint32_t number, std::uint16_t size) {
  wire::TxRequest request;
  request.probe = wire::ProbeId(0xab000000U + number);
  request.destination = world_->answering();
  request.identifier = request.destination.is_v4() ? io.traits().identifier_v4 : io.traits().identifier_v6;
  request.sequence = wire::WireSequence(static_cast<std::uint16_t>(number));
  request.tag = {request.probe, number, 0x0123'4567'89ab'cdefU + number};
  request.data_size = size;
  request.options = &plain_;
  return request;
}

std::vector<wire::TxResult> PacketIoContract::send(io::PacketIo& io, const std::vector<wire::TxRequest>& requests) {
  base::BoundedVector<wire::TxResult> results(base::kSendBatch);
  io.send(requests, results);
  return {results.begin(), results.end()};
}

io::Received PacketIoContract::receive(io::PacketIo& io) {
  const io::Received received = io.receive();
  for (const wire::RxPacket& packet : received.packets) {
    auto copy = std::make_unique<std::vector<std::byte>>(packet.bytes.begin(), packet.bytes.end());
    inbox_.packets.push_back({packet, std::move(copy)});
    inbox_.packets.back().packet.bytes = *inbox_.packets.back().copy;
  }
  inbox_.stamps.insert(inbox_.stamps.end(), received.stamps.begin(), received.stamps.end());
  inbox_.overflowed += received.overflowed;
  inbox_.stamps_lost = inbox_.stamps_lost || received.stamps_lost;
  inbox_.last_wall = received.at_wall;
  return received;
}

bool PacketIoContract::wait(io::PacketIo& io) {
  bool ready = false;
  io.async_wait([&ready] { ready = true; });
  world_->run_until([&ready] { return ready; });
  io.cancel_wait();
  return ready;
}

void PacketIoContract::collect(io::PacketIo& io, std::size_t packets, std::size_t stamps) {
  while (!receive(io).drained) {
  }
  while ((inbox_.packets.size() < packets || inbox_.stamps.size() < stamps) && wait(io)) {
    while (!receive(io).drained) {
    }
  }
}

TEST_P(PacketIoContract, DeliversTheReplyWithWhatWasSent) {
  const auto io = open();
  const auto sent = request(*io, 7);
  const auto results = send(*io, {sent});
  ASSERT_THAT(results, SizeIs(1));
  EXPECT_EQ(results[0].probe, sent.probe);
  EXPECT_EQ(results[0].kind, Kind::kAccepted);

  collect(*io, 1, 0);
  ASSERT_THAT(inbox_.packets, SizeIs(1));
  const wire::RxPacket& packet = inbox_.packets[0].packet;
  const auto message = wire::parse_icmp(packet);
  const auto* reply = std::get_if<wire::EchoReply>(&message);
  ASSERT_NE(reply, nullptr);
  EXPECT_EQ(reply->identifier, sent.identifier);
  EXPECT_EQ(reply->sequence, sent.sequence);
  EXPECT_TRUE(wire::data_right(reply->payload, sent.tag, sent.data_size));
  EXPECT_EQ(packet.source, sent.destination);
  EXPECT_EQ(packet.family, sent.destination.family());
  EXPECT_TRUE(packet.destination.has_value());
  EXPECT_TRUE(packet.ttl.has_value());
  EXPECT_FALSE(packet.truncated);
}

TEST_P(PacketIoContract, GivesEachRequestItsOwnResultAndGoesOnAfterARefusal) {
  const auto io = open();
  const wire::PacketOptions refused = world().refused();
  std::vector<wire::TxRequest> requests;
  for (std::uint32_t i = 0; i < 7; ++i) requests.push_back(request(*io, i));
  for (const std::size_t i : {2U, 3U, 6U}) requests[i].options = &refused;

  const auto results = send(*io, requests);
  ASSERT_THAT(results, SizeIs(requests.size()));
  for (std::size_t i = 0; i < requests.size(); ++i) {
    const bool bad = requests[i].options == &refused;
    EXPECT_EQ(results[i].probe, requests[i].probe);
    EXPECT_EQ(results[i].kind, bad ? Kind::kRefused : Kind::kAccepted) << i;
    EXPECT_EQ(results[i].failure != wire::SendFailure::kNone, bad) << i;
  }
  collect(*io, 4, 0);
  EXPECT_THAT(inbox_.packets, SizeIs(4));
}

TEST_P(PacketIoContract, NamesTheProbeOfEachStamp) {
  const auto io = open();
  if (!io->traits().tx_stamps) GTEST_SKIP() << "sends are not stamped here";
  std::vector<wire::TxRequest> requests;
  std::multiset<wire::ProbeId> expected;
  for (std::uint32_t i = 0; i < base::kSendBatch; ++i) {
    requests.push_back(request(*io, i * 3));
    expected.insert(requests.back().probe);
  }
  ASSERT_THAT(send(*io, requests), Each(Field(&wire::TxResult::kind, Kind::kAccepted)));

  collect(*io, requests.size(), requests.size());
  std::multiset<wire::ProbeId> stamped;
  for (const wire::TxResult& stamp : inbox_.stamps) {
    EXPECT_EQ(stamp.kind, Kind::kStamp);
    stamped.insert(stamp.probe);
  }
  EXPECT_EQ(stamped, expected);
}

TEST_P(PacketIoContract, StampsLieBetweenOurOwnReadingsOfTheClock) {
  const auto io = open();
  if (!io->traits().tx_stamps || !io->traits().rx_stamps) GTEST_SKIP() << "no kernel stamps here";
  const auto wall_before = world().clock().wall_now();
  const auto before = world().clock().mono_now();
  const auto results = send(*io, {request(*io, 1)});
  ASSERT_THAT(results, SizeIs(1));
  EXPECT_GE(results[0].at, before);
  EXPECT_LE(results[0].at, world().clock().mono_now());

  collect(*io, 1, 1);
  ASSERT_THAT(inbox_.packets, SizeIs(1));
  ASSERT_THAT(inbox_.stamps, SizeIs(1));
  const auto received = inbox_.packets[0].packet.stamp;
  ASSERT_TRUE(received.has_value());
  EXPECT_GE(inbox_.stamps[0].stamp, wall_before);
  EXPECT_GE(*received, inbox_.stamps[0].stamp);
  EXPECT_LE(*received, inbox_.last_wall);
}

TEST_P(PacketIoContract, ReadsTheClockAroundEachReceiveCall) {
  const auto io = open();
  const auto before = world().clock().mono_now();
  const auto received = receive(*io);
  EXPECT_LE(before, received.began);
  EXPECT_LE(received.drained_to, received.began);
  EXPECT_LE(received.began, received.at);
  EXPECT_LE(received.at, world().clock().mono_now());
}

TEST_P(PacketIoContract, IsEmptyAndDrainedWhereNothingCame) {
  const auto io = open();
  const auto received = receive(*io);
  EXPECT_TRUE(received.packets.empty());
  EXPECT_TRUE(received.stamps.empty());
  EXPECT_EQ(received.overflowed, 0U);
  EXPECT_FALSE(received.stamps_lost);
  EXPECT_TRUE(received.drained);
}

TEST_P(PacketIoContract, TwoInstancesOnOneHostDoNotSeeEachOthersReplies) {
  const auto first = open({.identifier = 0x4d31});
  const auto second = open({.identifier = 0x314d});
  send(*first, {request(*first, 1)});
  send(*second, {request(*second, 2), request(*second, 3)});

  collect(*first, 1, 1);
  EXPECT_THAT(inbox_.packets, SizeIs(1));
  inbox_ = {};
  collect(*second, 2, 2);
  EXPECT_THAT(inbox_.packets, SizeIs(2));
}

TEST_P(PacketIoContract, WakesTheLoopOnceForAWait) {
  const auto io = open();
  int calls = 0;
  io->async_wait([&calls] { ++calls; });
  send(*io, {request(*io, 1)});
  world().run_until([&calls] { return calls != 0; });
  EXPECT_EQ(calls, 1);
  collect(*io, 1, 0);
  send(*io, {request(*io, 2)});
  collect(*io, 2, 0);
  EXPECT_EQ(calls, 1);
  EXPECT_THAT(inbox_.packets, SizeIs(2));
}

TEST_P(PacketIoContract, RunsNoHandlerAfterTheWaitWasCancelled) {
  const auto io = open();
  bool called = false;
  io->async_wait([&called] { called = true; });
  send(*io, {request(*io, 1)});
  io->cancel_wait();
  EXPECT_TRUE(wait(*io)) << "a new wait finds what the cancelled one did not report";
  EXPECT_FALSE(called);
  collect(*io, 1, 0);
  EXPECT_THAT(inbox_.packets, SizeIs(1));
}

TEST_P(PacketIoContract, KeepsToTheBatchLimitAndSaysWhatIsLeft) {
  const auto io = open();
  constexpr std::size_t kBatches = 4;
  for (std::uint32_t batch = 0; batch < kBatches; ++batch) {
    std::vector<wire::TxRequest> requests;
    for (std::uint32_t i = 0; i < base::kSendBatch; ++i) {
      requests.push_back(request(*io, batch * static_cast<std::uint32_t>(base::kSendBatch) + i));
    }
    ASSERT_THAT(send(*io, requests), Each(Field(&wire::TxResult::kind, Kind::kAccepted)));
  }
  constexpr std::size_t kAll = kBatches * base::kSendBatch;
  while (inbox_.packets.size() < kAll) {
    const std::size_t before = inbox_.packets.size();
    const auto received = receive(*io);
    EXPECT_LE(received.packets.size(), base::kReceiveBatch);
    if (inbox_.packets.size() == kAll || !received.drained) continue;
    ASSERT_TRUE(wait(*io)) << before << " of " << kAll;
  }
  collect(*io, 0, 0);
  EXPECT_THAT(inbox_.packets, SizeIs(kAll)) << "nothing is left where `drained` is said";
}

TEST_P(PacketIoContract, CountsWhatItsOwnQueueLost) {
  const auto io = open({.buffer = 16'384});
  if (!io->traits().counts_overflow) GTEST_SKIP() << "the system does not count what it drops";
  std::vector<wire::TxRequest> requests;
  for (std::uint32_t i = 0; i < base::kSendBatch; ++i) requests.push_back(request(*io, i));
  const auto results = send(*io, requests);
  const auto accepted = std::count_if(results.begin(), results.end(),
                                      [](const wire::TxResult& result) { return result.kind == Kind::kAccepted; });
  ASSERT_GT(accepted, 64);
  const auto known = [&] { return static_cast<std::ptrdiff_t>(inbox_.packets.size() + inbox_.overflowed); };
  do {
    receive(*io);
  } while (known() < accepted && wait(*io));
  // At least: a full Linux queue also counts packets that it would have refused (io/packet_io.h).
  EXPECT_GE(known(), accepted);
  EXPECT_GT(inbox_.overflowed, 0U);
  EXPECT_EQ(inbox_.stamps_lost, io->traits().tx_stamps);
}

TEST_P(PacketIoContract, CarriesDataOfEverySizeUnharmed) {
  const auto io = open({.buffer = std::size_t{16} << 20U});
  const std::vector<std::uint16_t> sizes = {0,    1,    15,   16,   17,     1472,   1473, 2040,
                                            2041, 2048, 4096, 8000, 30'000, 65'507, 64};
  for (std::uint32_t i = 0; i < sizes.size(); ++i) {
    const auto sent = request(*io, i, sizes[i]);
    ASSERT_EQ(send(*io, {sent}).at(0).failure, wire::SendFailure::kNone) << sizes[i];
    inbox_ = {};
    collect(*io, 1, 0);
    ASSERT_THAT(inbox_.packets, SizeIs(1)) << sizes[i];
    const auto message = wire::parse_icmp(inbox_.packets[0].packet);
    const auto* reply = std::get_if<wire::EchoReply>(&message);
    ASSERT_NE(reply, nullptr) << sizes[i];
    EXPECT_EQ(reply->payload.size(), sizes[i]);
    EXPECT_TRUE(wire::data_right(reply->payload, sent.tag, sent.data_size)) << sizes[i];
  }
}

TEST_P(PacketIoContract, SendsManyLargeRequestsInOneCall) {
  const auto io = open({.buffer = std::size_t{64} << 20U});
  std::vector<wire::TxRequest> requests;
  for (std::uint32_t i = 0; i < 12; ++i) requests.push_back(request(*io, i, i % 2 == 0 ? 9'000 : 56));
  ASSERT_THAT(send(*io, requests), Each(Field(&wire::TxResult::kind, Kind::kAccepted)));
  collect(*io, requests.size(), 0);
  EXPECT_THAT(inbox_.packets, SizeIs(requests.size()));
}

TEST_P(PacketIoContract, DeliversAnIcmpErrorOfItsOwnRequestAndNoOther) {
  const auto unreachable = world().unreachable();
  if (!unreachable) GTEST_SKIP() << "no router in this world";
  const auto io = open({.identifier = 0x4d31});
  const auto other = open({.identifier = 0x314d});
  auto sent = request(*io, 9);
  sent.destination = unreachable->target;
  ASSERT_EQ(send(*io, {sent}).at(0).kind, Kind::kAccepted);
  collect(*io, 1, 1);
  ASSERT_THAT(inbox_.packets, SizeIs(1));
  const wire::RxPacket& packet = inbox_.packets[0].packet;
  EXPECT_EQ(packet.source, unreachable->router);
  const auto message = wire::parse_icmp(packet);
  const auto* error = std::get_if<wire::IcmpError>(&message);
  ASSERT_NE(error, nullptr);
  EXPECT_EQ(error->destination, sent.destination);
  EXPECT_EQ(error->identifier, sent.identifier);
  EXPECT_EQ(error->sequence, sent.sequence);

  // The next send is another target's and must not suffer for it.
  EXPECT_EQ(send(*io, {request(*io, 10)}).at(0).kind, Kind::kAccepted);
  collect(*io, 2, 2);
  EXPECT_THAT(inbox_.packets, SizeIs(2));
  EXPECT_TRUE(receive(*other).packets.empty());
}

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(PacketIoContract);

}  // namespace sounder::contract
