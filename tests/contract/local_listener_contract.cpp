/// The tests of listeners, of who it was that connected, and of process watches.
#include <gmock/gmock.h>

#include <algorithm>
#include <system_error>

#include "engine/base/limits.h"
#include "tests/contract/local_stream_contract.h"

namespace sounder::contract {
namespace {

using io::StreamEnd;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// A process watch, and how often it said that the process has ended.
struct Watched {
  std::unique_ptr<io::ProcessWatch> watch;
  int exits = 0;

  void begin(io::LocalListener& listener, const io::LocalStream& stream) {
    auto made = listener.watch_process(stream, [this] { ++exits; });
    ASSERT_TRUE(made) << made.error().message();
    watch = std::move(*made);
    EXPECT_EQ(exits, 0) << "inside the call";
  }
};

TEST_P(LocalStreamContract, SaysWhoConnected) {
  listen();
  auto stream = world().connect();
  ASSERT_TRUE(stream);
  const io::LocalClient client = accept();
  const io::Credentials wanted = world().ourselves();
  EXPECT_EQ(client.credentials.user, wanted.user);
  EXPECT_EQ(client.credentials.administrator, wanted.administrator);
  EXPECT_EQ(client.credentials.process, wanted.process);
  auto groups = client.credentials.groups;
  auto wanted_groups = wanted.groups;
  std::ranges::sort(groups);
  std::ranges::sort(wanted_groups);
  EXPECT_EQ(groups, wanted_groups);
  EXPECT_FALSE(groups.empty());
}

TEST_P(LocalStreamContract, TellsOneClientFromAnother) {
  listen();
  const auto first = world().start_client();
  const io::LocalClient one = accept();
  const auto second = world().start_client();
  const io::LocalClient other = accept();
  EXPECT_EQ(one.credentials.process, first->number());
  EXPECT_EQ(other.credentials.process, second->number());
  EXPECT_NE(one.credentials.process, other.credentials.process);
}

TEST_P(LocalStreamContract, ASecondListenerIsRefusedAndTheFirstGoesOn) {
  listen();
  const auto second = world().listen();
  ASSERT_FALSE(second);
  EXPECT_THAT(second.error().message(), HasSubstr("another daemon"));
  make_pair();
}

TEST_P(LocalStreamContract, ANameIsFreeAgainAfterItsListener) {
  listen();
  listener_.reset();
  listen();
  make_pair();
}

TEST_P(LocalStreamContract, WhatAKilledListenerLeftStopsNobody) {
  auto killed = world().start_listener();
  {
    const auto refused = world().listen();
    ASSERT_FALSE(refused) << "it does not listen";
  }
  killed->kill();
  make_pair();
}

TEST_P(LocalStreamContract, WhereNobodyListensNobodyConnects) {
  const auto stream = world().connect();
  ASSERT_FALSE(stream);
  EXPECT_NE(stream.error().code, std::errc::resource_unavailable_try_again);
}

TEST_P(LocalStreamContract, ClientsWaitUntilTheListenerStarts) {
  auto listener = world().listen();
  ASSERT_TRUE(listener);
  auto stream = world().connect();
  ASSERT_TRUE(stream) << stream.error().message();
  listener_ = std::move(*listener);
  listener_->start([this](io::LocalClient client) { accepted_.push_back(std::move(client)); });
  EXPECT_THAT(accepted_, IsEmpty()) << "inside the call";
  EXPECT_NE(accept().stream, nullptr);
}

TEST_P(LocalStreamContract, AClientThatLeftBeforeItWasAcceptedStopsNobody) {
  auto listener = world().listen();
  ASSERT_TRUE(listener);
  for (int i = 0; i < 3; ++i) static_cast<void>(world().connect());
  listener_ = std::move(*listener);
  listener_->start([this](io::LocalClient client) { accepted_.push_back(std::move(client)); });
  // The system may have no room for another before it has noticed that those have left.
  std::unique_ptr<io::LocalStream> last;
  world().run_until([&] {
    if (auto stream = world().connect()) last = std::move(*stream);
    return last != nullptr;
  });
  ASSERT_NE(last, nullptr);
  ASSERT_EQ(last->write(pattern(7)), 7U);
  std::vector<std::unique_ptr<End>> ends;
  const auto served = [&] {
    for (io::LocalClient& client : accepted_) {
      ends.push_back(std::make_unique<End>(std::move(client.stream)));
      ends.back()->start();
    }
    accepted_.clear();
    return std::ranges::any_of(ends, [](const auto& end) { return end->received == pattern(7); });
  };
  world().run_until(served);
  EXPECT_TRUE(served());
}

TEST_P(LocalStreamContract, ManyClientsAtOnceAreAllAccepted) {
  listen();
  constexpr std::size_t kClients = 3 * base::kAcceptsPerTurn;
  std::vector<std::unique_ptr<io::LocalStream>> clients;
  world().run_until([&] {
    while (clients.size() < kClients) {
      auto stream = world().connect();
      if (!stream) {
        EXPECT_EQ(stream.error().code, std::errc::resource_unavailable_try_again) << stream.error().message();
        break;
      }
      clients.push_back(std::move(*stream));
    }
    return accepted_.size() >= kClients;
  });
  EXPECT_EQ(accepted_.size(), kClients);
  EXPECT_EQ(listener_->numbers().accept_errors, 0U);
}

TEST_P(LocalStreamContract, TheListenerMayBeDestroyedInItsHandler) {
  auto listener = world().listen();
  ASSERT_TRUE(listener);
  listener_ = std::move(*listener);
  int calls = 0;
  listener_->start([&](io::LocalClient) {
    ++calls;
    listener_.reset();
  });
  std::vector<std::unique_ptr<io::LocalStream>> clients;
  for (int i = 0; i < 3; ++i) {
    if (auto stream = world().connect()) clients.push_back(std::move(*stream));
  }
  world().run_until([&] { return calls > 0; });
  world().run_some();
  EXPECT_EQ(calls, 1);
}

TEST_P(LocalStreamContract, AKilledClientIsSeenByBothWitnesses) {
  listen();
  const auto process = world().start_client();
  io::LocalClient client = accept();
  ASSERT_NE(client.stream, nullptr);
  Watched watched;
  watched.begin(*listener_, *client.stream);
  End end(std::move(client.stream));
  end.start();
  world().run_until([&] { return end.received.size() == 5; });
  EXPECT_THAT(end.ends, IsEmpty());
  EXPECT_EQ(watched.exits, 0);
  process->kill();
  world().run_until([&] { return watched.exits > 0 && !end.ends.empty(); });
  EXPECT_EQ(watched.exits, 1);
  EXPECT_EQ(end.ends.size(), 1U);
}

TEST_P(LocalStreamContract, AConnectionThatAnotherProcessHoldsDoesNotHideTheClientsDeath) {
  listen();
  const auto process = world().start_client();
  io::LocalClient client = accept();
  ASSERT_NE(client.stream, nullptr);
  Watched watched;
  watched.begin(*listener_, *client.stream);
  End end(std::move(client.stream));
  end.start();
  process->share();
  process->kill();
  world().run_until([&] { return watched.exits > 0; });
  EXPECT_EQ(watched.exits, 1);
  world().run_some();
  EXPECT_THAT(end.ends, IsEmpty()) << "the third process still has it";
  process->end_sharing();
  world().run_until([&] { return !end.ends.empty(); });
  EXPECT_EQ(end.ends.size(), 1U);
}

TEST_P(LocalStreamContract, AWatchOfAProcessThatHasEndedSaysSoAtOnce) {
  listen();
  const auto process = world().start_client();
  io::LocalClient client = accept();
  ASSERT_NE(client.stream, nullptr);
  process->kill();
  Watched watched;
  watched.begin(*listener_, *client.stream);
  world().run_until([&] { return watched.exits > 0; });
  EXPECT_EQ(watched.exits, 1);
}

TEST_P(LocalStreamContract, AWatchThatHasGoneCallsNobody) {
  listen();
  for (const bool ended_first : {false, true}) {
    const auto process = world().start_client();
    io::LocalClient client = accept();
    ASSERT_NE(client.stream, nullptr);
    Watched watched;
    if (ended_first) process->kill();
    watched.begin(*listener_, *client.stream);
    if (!ended_first) process->kill();
    watched.watch.reset();
    world().run_some();
    EXPECT_EQ(watched.exits, 0);
  }
}

TEST_P(LocalStreamContract, AWatchMayBeDestroyedInItsHandler) {
  listen();
  const auto process = world().start_client();
  io::LocalClient client = accept();
  ASSERT_NE(client.stream, nullptr);
  int exits = 0;
  std::unique_ptr<io::ProcessWatch> watch;
  auto made = listener_->watch_process(*client.stream, [&] {
    ++exits;
    watch.reset();
    client.stream.reset();
  });
  ASSERT_TRUE(made) << made.error().message();
  watch = std::move(*made);
  process->kill();
  world().run_until([&] { return exits > 0; });
  EXPECT_EQ(exits, 1);
}

}  // namespace
}  // namespace sounder::contract
