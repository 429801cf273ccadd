/// The tests of streams; those of listeners and watches are in local_listener_contract.cpp.
#include "tests/contract/local_stream_contract.h"

#include <gmock/gmock.h>

#include <algorithm>

namespace sounder::contract {

using io::StreamEnd;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

void End::start() {
  stream_->start({.bytes =
                      [this](std::span<const std::byte> bytes) {
                        ++calls;
                        received.insert(received.end(), bytes.begin(), bytes.end());
                        if (on_bytes) on_bytes();
                      },
                  .writable =
                      [this] {
                        ++calls;
                        ++writables;
                        if (on_writable) on_writable();
                      },
                  .ended =
                      [this](StreamEnd why) {
                        ++calls;
                        ends.push_back(why);
                        if (on_end) on_end();
                      }});
}

std::vector<std::byte> pattern(std::size_t size) {
  std::vector<std::byte> bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::byte>((i * 2'654'435'761U) >> 13U);
  return bytes;
}

void LocalStreamContract::SetUp() {
  world_ = GetParam().make();
  if (const std::string missing = world_->missing(); !missing.empty()) GTEST_SKIP() << missing;
}

void LocalStreamContract::listen() {
  auto listener = world_->listen();
  ASSERT_TRUE(listener) << listener.error().message();
  listener_ = std::move(*listener);
  listener_->start([this](io::LocalClient client) { accepted_.push_back(std::move(client)); });
}

io::LocalClient LocalStreamContract::accept() {
  world_->run_until([this] { return !accepted_.empty(); });
  if (accepted_.empty()) return {};
  io::LocalClient client = std::move(accepted_.front());
  accepted_.erase(accepted_.begin());
  return client;
}

void LocalStreamContract::make_pair() {
  if (!listener_) listen();
  auto stream = world_->connect();
  ASSERT_TRUE(stream) << stream.error().message();
  client_ = std::make_unique<End>(std::move(*stream));
  io::LocalClient accepted = accept();
  ASSERT_NE(accepted.stream, nullptr);
  server_ = std::make_unique<End>(std::move(accepted.stream));
}

void LocalStreamContract::send_all(End& from, std::span<const std::byte> bytes) {
  std::size_t taken = 0;
  std::size_t piece = 1;
  while (taken < bytes.size()) {
    piece = piece * 7 % 30'011;  // from 1 byte to more than any system takes at once
    const auto part = bytes.subspan(taken, std::min(piece, bytes.size() - taken));
    const int before = from.writables;
    const std::size_t size = from.write(part);
    ASSERT_LE(size, part.size());
    taken += size;
    if (size == part.size()) continue;
    world_->run_until([&] { return from.writables != before || !from.ends.empty(); });
    ASSERT_EQ(from.writables, before + 1);
  }
}

namespace {

constexpr std::size_t kMuch = std::size_t{1} << 20U;

TEST_P(LocalStreamContract, BytesArriveWholeAndInOrderBothWays) {
  make_pair();
  client_->start();
  server_->start();
  const auto bytes = pattern(kMuch);
  send_all(*client_, bytes);
  send_all(*server_, bytes);
  world().run_until([&] { return server_->received.size() >= kMuch && client_->received.size() >= kMuch; });
  EXPECT_TRUE(server_->received == bytes);
  EXPECT_TRUE(client_->received == bytes);
  EXPECT_THAT(server_->ends, IsEmpty());
  EXPECT_THAT(client_->ends, IsEmpty());
}

TEST_P(LocalStreamContract, APeerThatDoesNotReadIsSentNoMoreThanTheCapacity) {
  make_pair();
  server_->start();
  const auto bytes = pattern(kMuch);
  std::size_t taken = server_->write(bytes);
  for (int turn = 0; turn < 100; ++turn) {
    world().run_some();
    taken += server_->write(std::span(bytes).subspan(taken));
  }
  EXPECT_GT(taken, 0U);
  EXPECT_LE(taken, server_->stream().capacity());
  EXPECT_THAT(server_->ends, IsEmpty());
  client_->start();
  world().run_until([&] { return client_->received.size() >= taken; });
  EXPECT_TRUE(std::ranges::equal(client_->received, std::span(bytes).first(taken)));
}

TEST_P(LocalStreamContract, WritableComesOnceForEachWriteThatTookLess) {
  make_pair();
  server_->start();
  const auto bytes = pattern(kMuch);
  ASSERT_EQ(server_->write(std::span(bytes).first(1)), 1U);
  world().run_some();
  EXPECT_EQ(server_->writables, 0) << "nothing had been refused";
  // Some systems take more while their loop runs; in the end nothing moves.
  for (int turn = 0; turn < 100; ++turn) {
    static_cast<void>(server_->write(bytes));
    world().run_some();
  }
  ASSERT_LT(server_->write(bytes), bytes.size());
  const int before = server_->writables;
  client_->start();
  world().run_until([&] { return server_->writables > before; });
  EXPECT_EQ(server_->writables, before + 1);
  const std::size_t had = client_->received.size();
  world().run_until([&] { return server_->write(std::span(bytes).first(1)) == 1; });
  world().run_until([&] { return client_->received.size() > had; });
  EXPECT_EQ(server_->writables, before + 1);
}

TEST_P(LocalStreamContract, WhatAPeerSentBeforeItClosedComesBeforeTheEnd) {
  make_pair();
  const auto bytes = pattern(5'000);
  const std::size_t taken = client_->write(bytes);
  ASSERT_GT(taken, 0U);
  client_->close();
  server_->start();
  world().run_until([&] { return !server_->ends.empty(); });
  EXPECT_EQ(server_->received.size(), taken);
  EXPECT_THAT(server_->ends, ElementsAre(StreamEnd::kEndOfStream));
}

TEST_P(LocalStreamContract, WhatADaemonSaidLastStillReachesAClientThatReads) {
  make_pair();
  server_->start();
  client_->start();
  const auto bytes = pattern(200);
  ASSERT_EQ(server_->write(bytes), bytes.size());
  server_->close();
  world().run_until([&] { return !client_->ends.empty(); });
  EXPECT_TRUE(client_->received == bytes);
  EXPECT_EQ(client_->ends.size(), 1U);
}

TEST_P(LocalStreamContract, WhatClosedWithUnreadBytesStillEndsAfterWhatItSent) {
  make_pair();
  client_->start();
  const auto bytes = pattern(300);
  ASSERT_EQ(client_->write(bytes), bytes.size());
  ASSERT_EQ(server_->write(bytes), bytes.size());
  server_->close();
  world().run_until([&] { return !client_->ends.empty(); });
  EXPECT_TRUE(client_->received == bytes);
  EXPECT_EQ(client_->ends.size(), 1U);
}

TEST_P(LocalStreamContract, NothingIsTakenNorToldAfterTheEnd) {
  make_pair();
  server_->start();
  client_->close();
  world().run_until([&] { return !server_->ends.empty(); });
  EXPECT_THAT(server_->ends, ElementsAre(StreamEnd::kEndOfStream));
  const int before = server_->calls;
  EXPECT_EQ(server_->write(pattern(10)), 0U);
  world().run_some();
  EXPECT_EQ(server_->calls, before);
}

TEST_P(LocalStreamContract, AnEndIsSeenByOneThatOnlyWrites) {
  make_pair();
  server_->start();
  const auto bytes = pattern(kMuch);
  while (server_->write(bytes) != 0) {
  }
  client_->close();
  world().run_until([&] { return !server_->ends.empty(); });
  EXPECT_EQ(server_->ends.size(), 1U);
}

TEST_P(LocalStreamContract, NoHandlerRunsInsideACall) {
  make_pair();
  ASSERT_EQ(client_->write(pattern(10)), 10U);
  client_->close();
  server_->start();
  static_cast<void>(server_->write(pattern(kMuch)));
  EXPECT_EQ(server_->calls, 0);
}

TEST_P(LocalStreamContract, MayBeDestroyedInItsOwnHandlers) {
  const auto bytes = pattern(kMuch);
  for (const std::string handler : {"bytes", "writable", "ended"}) {
    SCOPED_TRACE(handler);
    make_pair();
    End& end = *server_;
    bool done = false;
    const auto destroy = [&] {
      end.close();
      done = true;
    };
    (handler == "bytes" ? end.on_bytes : handler == "writable" ? end.on_writable : end.on_end) = destroy;
    end.start();
    client_->start();
    if (handler == "bytes") {
      ASSERT_EQ(client_->write(pattern(10)), 10U);
    } else if (handler == "writable") {
      ASSERT_LT(end.write(bytes), bytes.size());
    } else {
      client_->close();
    }
    world().run_until([&] { return done; });
    EXPECT_TRUE(done);
    const int before = end.calls;
    world().run_some();
    EXPECT_EQ(end.calls, before);
  }
}

TEST_P(LocalStreamContract, AStreamThatHasGoneCallsNobody) {
  const auto bytes = pattern(kMuch);
  for (int turns = 0; turns < 6; ++turns) {
    SCOPED_TRACE(turns);
    make_pair();
    client_->start();
    server_->start();
    static_cast<void>(server_->write(bytes));
    ASSERT_GT(client_->write(bytes), 0U);
    for (int i = 0; i < turns; ++i) world().run_some();
    server_->close();
    const int before = server_->calls;
    client_->close();
    world().run_some();
    EXPECT_EQ(server_->calls, before);
  }
}

TEST_P(LocalStreamContract, TheTwoEndsMayGoInAnyOrderWithTheListener) {
  make_pair();
  client_->start();
  server_->start();
  listener_.reset();
  const auto bytes = pattern(100);
  ASSERT_EQ(server_->write(bytes), bytes.size());
  world().run_until([&] { return client_->received.size() == bytes.size(); });
  EXPECT_TRUE(client_->received == bytes) << "a stream outlives its listener";
}

}  // namespace
}  // namespace sounder::contract
