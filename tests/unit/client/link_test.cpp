// The shell: callbacks and handles, reconnecting, fork, and that nothing is waited for.
#include <atomic>
#include <boost/asio/use_future.hpp>
#include <future>
#include <optional>
#include <stdexcept>
#include <thread>

#include "tests/unit/client/link_fixture.h"

namespace sounder::client {
namespace {

using detail::RegistrationState;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// Remembers an operation's end.
template <class Result>
struct Ending {
  struct Record {
    boost::system::error_code error;
    Result result;
  };
  std::optional<Record> end;

  class Done final : public detail::Completion<Result> {
   public:
    explicit Done(Ending& ending) : ending_(ending) {}
    void complete(boost::system::error_code error, Result result) override { ending_.end = {error, result}; }

   private:
    Ending& ending_;
  };
  std::unique_ptr<detail::Completion<Result>> make() { return std::make_unique<Done>(*this); }
};

/// One interface, as edge watches are told of it.
testing::Bytes event() { return testing::change_events(protocol::ObjectKinds::Interface, 1, 0, {{1}}); }

class LinkWatch : public LinkTest {
 protected:
  LinkWatch() { open_and_connect(); }
  Registration watch(WatchHandler handler) {
    Registration watch(link().add(WatchSpec{.mode = WatchMode::kEdge}, std::move(handler)));
    const auto lines = take();
    EXPECT_EQ(lines.size(), 1U);
    ++registered_;
    tell(testing::registered(registered_, {100U + registered_}));
    return watch;
  }
  std::uint32_t registered_ = 0;
};

TEST_F(LinkTest, AnEchoGoesOutAndItsOutcomeComesBack) {
  open_and_connect();
  Ending<Outcome> ending;
  link().echo(1, request(), ending.make());
  EXPECT_THAT(take(), ElementsAre("Echo 1=192.0.2.1"));
  tell(testing::replies(5, {1}));
  ASSERT_TRUE(ending.end);
  EXPECT_FALSE(ending.end->error);
  EXPECT_EQ(ending.end->result.kind, OutcomeKind::kReply);
  EXPECT_EQ(ending.end->result.rtt, std::chrono::milliseconds(1));
}

TEST_F(LinkTest, ReadyTellsOfTheConnectionOrOfWhatPreventsIt) {
  refuse_ = true;
  open();
  Ending<Connection> refused;
  link().ready(1, refused.make());
  turn();
  ASSERT_TRUE(refused.end);
  EXPECT_EQ(refused.end->error, std::errc::connection_refused);
  refuse_ = false;
  connect();
  Ending<Connection> ready;
  link().ready(2, ready.make());
  turn();
  ASSERT_TRUE(ready.end);
  EXPECT_FALSE(ready.end->error);
  EXPECT_EQ(ready.end->result.session, 7U);
  EXPECT_EQ(ready.end->result.listener, "0");
}

TEST_F(LinkTest, AStreamThatTakesLittleIsWrittenToAgain) {
  open_and_connect();
  ends_.back()->room = 10;
  Ending<Outcome> ending;
  link().echo(1, request(), ending.make());
  EXPECT_THAT(take(), IsEmpty());
  ends_.back()->room = ~std::size_t{0};
  boost::asio::post(link().executor(), [&] { ends_.back()->handlers.writable(); });
  EXPECT_THAT(take(), ElementsAre("Echo 1=192.0.2.1"));
  tell(testing::replies(5, {1}));
  EXPECT_TRUE(ending.end);
}

TEST_F(LinkTest, ClosingEndsWhatIsUnderWayAndClosesTheStream) {
  open_and_connect();
  Ending<Outcome> echo;
  Ending<std::vector<SessionInfo>> list;
  link().echo(1, request(), echo.make());
  link().list(2, list.make());
  turn();
  link().close();
  EXPECT_FALSE(echo.end);  // close() waits for nothing, and completes nothing itself
  turn();
  ASSERT_TRUE(echo.end && list.end);
  EXPECT_EQ(echo.end->error, boost::asio::error::operation_aborted);
  EXPECT_EQ(list.end->error, boost::asio::error::operation_aborted);
  EXPECT_FALSE(connected());
  Ending<Outcome> late;
  link().echo(3, request(), late.make());
  turn();
  ASSERT_TRUE(late.end);
  EXPECT_EQ(late.end->error, boost::asio::error::operation_aborted);
}

TEST_F(LinkTest, AProgramThatEndsItsLoopFirstLosesNothingElse) {
  const auto program = std::make_unique<boost::asio::io_context>();
  auto link = std::make_shared<detail::Link>(program->get_executor(), SessionOptions{}, transport());
  link->start();
  program->poll();
  ASSERT_TRUE(connected());
  link->close();
  link.reset();
  // Nobody runs the loop any more: what is queued goes with it.
}

TEST_F(LinkWatch, EventsReachTheirHandler) {
  int events = 0;
  const auto handle = watch([&](const WatchEvent& told) {
    EXPECT_EQ(told.kind, WatchEvent::Kind::kChanged);
    ++events;
  });
  tell(event());
  EXPECT_EQ(events, 1);
}

TEST_F(LinkWatch, AHandleMayEndInItsOwnCallback) {
  int events = 0;
  std::optional<Registration> handle;
  const auto token = std::make_shared<int>(1);
  handle = watch([&events, &handle, token](const WatchEvent&) {
    ++events;
    handle.reset();
    EXPECT_EQ(*token, 1);  // what the callback captured is there until it returns
  });
  tell(event());
  EXPECT_EQ(token.use_count(), 1);  // and is gone then
  tell(event());
  EXPECT_EQ(events, 1);
  EXPECT_THAT(take(), ElementsAre("Unregister 101"));
}

TEST_F(LinkWatch, TheSessionMayEndInACallback) {
  int events = 0;
  const auto handle = watch([&](const WatchEvent&) {
    ++events;
    link_->close();
    link_.reset();
  });
  const auto end = ends_.back();
  boost::asio::post(link_->executor(), [&] {
    const auto bytes = event();
    end->handlers.bytes(bytes);
    EXPECT_TRUE(!end->open || end->handlers.bytes);
  });
  turn();
  EXPECT_EQ(events, 1);
  EXPECT_FALSE(connected());
}

TEST_F(LinkWatch, CancelFromAnotherThreadReturnsAfterTheRunningCallback) {
  std::promise<void> entered;
  std::promise<void> may_leave;
  std::atomic<bool> left = false;
  const auto token = std::make_shared<int>(1);
  auto handle = watch([&, token, leave = may_leave.get_future().share()](const WatchEvent&) {
    entered.set_value();
    leave.wait();
    left = true;
  });
  std::thread canceller([&] {
    entered.get_future().wait();
    std::thread releaser([&] { may_leave.set_value(); });
    handle.cancel();
    EXPECT_TRUE(left);
    EXPECT_EQ(token.use_count(), 1);
    releaser.join();
  });
  tell(event());
  canceller.join();
}

TEST_F(LinkWatch, CancelWithoutWaitingReturnsWhileTheCallbackRuns) {
  std::promise<void> entered;
  std::promise<void> may_leave;
  auto handle = watch([&](const WatchEvent&) {
    entered.set_value();
    may_leave.get_future().wait();
  });
  std::thread canceller([&] {
    entered.get_future().wait();
    handle.cancel(OnCancel::kNoWait);
    may_leave.set_value();  // would never be reached by one that waits
  });
  tell(event());
  canceller.join();
}

TEST_F(LinkWatch, ClosingFromAnotherThreadReturnsAfterTheRunningCallback) {
  std::promise<void> entered;
  std::promise<void> may_leave;
  std::atomic<bool> left = false;
  const auto handle = watch([&](const WatchEvent&) {
    entered.set_value();
    may_leave.get_future().wait();
    left = true;
  });
  std::thread closer([&] {
    entered.get_future().wait();
    std::thread releaser([&] { may_leave.set_value(); });
    link().close();
    EXPECT_TRUE(left);
    releaser.join();
  });
  tell(event());
  closer.join();
}

TEST_F(LinkWatch, AHandleMayOutliveItsSession) {
  auto handle = watch([](const WatchEvent&) {});
  link_->close();
  turn();
  link_.reset();
  handle.cancel();
}

TEST_F(LinkWatch, WhatACallbackThrowsLeavesTheLoopAndHarmsNothing) {
  int events = 0;
  const auto handle = watch([&](const WatchEvent&) {
    if (++events == 1) throw std::runtime_error("the program's own");
  });
  boost::asio::post(link().executor(), [&] {
    ends_.back()->handlers.bytes(testing::change_events(protocol::ObjectKinds::Interface, 1, 0, {{1}, {2}}));
  });
  EXPECT_THROW(turn(), std::runtime_error);
  turn();
  EXPECT_EQ(events, 2);
}

TEST_F(LinkWatch, CallbacksMayMakeAndEndRegistrations) {
  std::vector<Registration> more;
  const auto handle = watch([&](const WatchEvent&) {
    more.emplace_back(link().add(WatchSpec{}, WatchHandler([](const WatchEvent&) {})));
    more.clear();
  });
  tell(event());
  EXPECT_THAT(take(), IsEmpty());
}

TEST_F(LinkTest, ALostConnectionComesBackWithItsRegistrations) {
  std::vector<SessionEvent::Kind> events;
  SessionOptions options;
  options.on_event = [&](const SessionEvent& event) { events.push_back(event.kind); };
  open(std::move(options));
  connect();
  std::vector<WatchEvent::Kind> told;
  const Registration handle(
      link().add(WatchSpec{}, WatchHandler([&](const WatchEvent& event) { told.push_back(event.kind); })));
  EXPECT_THAT(take(), ElementsAre("Register 1: level 7"));
  tell(testing::registered(1, {101}));
  Ending<Outcome> echo;
  link().echo(1, request(), echo.make());
  turn();
  hang_up();
  ASSERT_TRUE(echo.end);
  EXPECT_EQ(echo.end->error, Errc::kConnectionLost);
  connect();
  EXPECT_THAT(take(), ElementsAre("Register 2: level 7"));
  tell(testing::registered(2, {1}));
  tell(testing::changes({.changes = {{1}}, .begins = true, .ends = true}));
  using Kind = WatchEvent::Kind;
  EXPECT_THAT(told, ElementsAre(Kind::kMissed, Kind::kSnapshotBegins, Kind::kChanged, Kind::kSnapshotEnds));
  using Session = SessionEvent::Kind;
  EXPECT_THAT(events, ElementsAre(Session::kConnected, Session::kDisconnected, Session::kConnected));
}

TEST_F(LinkTest, ADaemonThatBreaksTheProtocolIsLeft) {
  std::string why;
  SessionOptions options;
  options.on_event = [&](const SessionEvent& event) { why = event.failure.text; };
  open(std::move(options));
  connect();
  EXPECT_EQ(why, "");
  const auto first = ends_.back();
  tell(testing::Bytes(8));
  EXPECT_FALSE(first->open);
  EXPECT_THAT(why, ::testing::HasSubstr("protocol"));
}

TEST_F(LinkTest, WhoListensAndSaysNothingIsLeft) {
  welcome_time_ = std::chrono::milliseconds(1);
  std::string why;
  SessionOptions options;
  options.path = "here";
  options.on_event = [&](const SessionEvent& event) { why = event.failure.text; };
  open(std::move(options));
  Ending<Connection> ready;
  link().ready(1, ready.make());
  turn_until([&] { return ready.end.has_value(); });
  EXPECT_EQ(ready.end->error, Errc::kNotConnected);
  EXPECT_EQ(why, "who listens at here does not answer");
}

TEST_F(LinkTest, WhatTheDaemonSaysAtTheEndIsPassedOn) {
  std::string why;
  SessionOptions options;
  options.on_event = [&](const SessionEvent& event) { why = event.failure.text; };
  open(std::move(options));
  connect();
  tell(testing::closing(protocol::CloseReason::Shutdown, "sounder ends"));
  hang_up();
  EXPECT_EQ(why, "sounder ends");
}

TEST_F(LinkTest, InAChildOfForkNothingIsWrittenAndRequestsFail) {
  open_and_connect();
  const Registration handle(link().add(WatchSpec{}, WatchHandler([](const WatchEvent&) { FAIL(); })));
  EXPECT_THAT(take().size(), 1U);
  tell(testing::registered(1, {101}));
  generation_ = 1;
  Ending<Outcome> echo;
  link().echo(1, request(), echo.make());
  ASSERT_TRUE(echo.end);
  EXPECT_EQ(echo.end->error, Errc::kForked);
  tell(testing::changes({.changes = {{1}}, .begins = true}));
  link().remove(1);
  EXPECT_THAT(take(), IsEmpty());
  const auto connections = ends_.size();
  hang_up();
  EXPECT_EQ(ends_.size(), connections);
  generation_ = 0;
}

}  // namespace
}  // namespace sounder::client
