// Sessions over a real socket: every kind of completion, threads, fork and exec.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/system/system_error.hpp>
#include <filesystem>
#include <future>
#include <memory>
#include <optional>
#include <set>

#include <sounder/session.h>
#include <sounder/sounder.h>

#include "tests/support/daemon.h"
#include "tests/support/scripted_broker.h"
#include "tests/unit/client/echo_requests.h"

namespace sounder::client {
namespace {

using testing::ScriptedBroker;
using testing::TemporaryFolder;

constexpr std::chrono::seconds kHang{60};

class SessionTest : public ::testing::Test {
 protected:
  SessionOptions options() {
    SessionOptions options;
    options.path = broker_.path();
    options.program = "test";
    return options;
  }

  TemporaryFolder folder_;
  ScriptedBroker broker_{folder_.path() / "broker.sock"};
};

TEST_F(SessionTest, ABlockingEchoReturnsItsOutcome) {
  auto session = Session::open(options());
  EXPECT_EQ(session.ready().session, 7U);
  const Outcome outcome = session.echo(request());
  EXPECT_EQ(outcome.kind, OutcomeKind::kReply);
  EXPECT_EQ(outcome.rtt, std::chrono::milliseconds(1));
  EXPECT_EQ(outcome.ttl, 64);
}

TEST_F(SessionTest, AFutureAndManyThreads) {
  auto session = Session::open(options());
  session.ready();
  std::vector<std::thread> threads;
  std::atomic<int> replies = 0;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&] {
      for (int i = 0; i < 100; ++i) {
        if (session.echo(request(), boost::asio::use_future).get().kind == OutcomeKind::kReply) ++replies;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(replies, 400);
}

boost::asio::awaitable<int> ping(Session& session, int count) {
  int replies = 0;
  for (int i = 0; i < count; ++i) {
    const Outcome outcome = co_await session.echo(request(), boost::asio::use_awaitable);
    if (outcome.kind == OutcomeKind::kReply) ++replies;
  }
  co_return replies;
}

TEST_F(SessionTest, ACoroutineOnTheProgramsOwnLoop) {
  boost::asio::io_context loop;
  std::optional<Session> session(std::in_place, loop.get_executor(), options());
  std::optional<int> replies;
  boost::asio::co_spawn(loop, ping(*session, 3), [&](const std::exception_ptr& error, int count) {
    EXPECT_FALSE(error);
    replies = count;
    session.reset();
  });
  loop.run_for(kHang);
  EXPECT_EQ(replies, 3);
  EXPECT_TRUE(loop.stopped());  // nothing of the session is left that would keep it running
}

TEST_F(SessionTest, AnEchoCanBeCancelled) {
  broker_.answer_echoes(false);
  boost::asio::io_context loop;
  std::optional<Session> session(std::in_place, loop.get_executor(), options());
  boost::asio::cancellation_signal cancel;
  std::optional<boost::system::error_code> end;
  session->echo(request(), boost::asio::bind_cancellation_slot(
                               cancel.slot(), [&](const boost::system::error_code& error, const Outcome&) {
                                 end = error;
                                 session.reset();
                               }));
  std::thread when_it_is_there([&] {
    EXPECT_TRUE(broker_.wait_for_line("Echo"));
    boost::asio::post(loop, [&] { cancel.emit(boost::asio::cancellation_type::total); });
  });
  loop.run_for(kHang);
  when_it_is_there.join();
  EXPECT_EQ(end, boost::system::error_code(boost::asio::error::operation_aborted));
}

TEST_F(SessionTest, AThreadPoolRunsCallbacksOneAtATime) {
  boost::asio::thread_pool pool(4);
  std::optional<Session> session(std::in_place, pool.get_executor(), options());
  session->ready();
  std::atomic<int> running = 0;
  std::atomic<int> left = 200;
  std::promise<void> all;
  for (int i = 0; i < 200; ++i) {
    session->echo(request(), [&](const boost::system::error_code& error, const Outcome&) {
      EXPECT_FALSE(error);
      EXPECT_EQ(++running, 1);
      --running;
      if (--left == 0) all.set_value();
    });
  }
  EXPECT_EQ(all.get_future().wait_for(kHang), std::future_status::ready);
  session.reset();
  pool.join();
}

TEST_F(SessionTest, WithoutADaemonItSaysSoAtOnce) {
  SessionOptions nowhere = options();
  nowhere.path = folder_.path() / "nobody.sock";
  auto session = Session::open(std::move(nowhere));
  try {
    session.ready();
    FAIL() << "nobody listens there";
  } catch (const boost::system::system_error& error) {
    EXPECT_EQ(error.code(), std::errc::no_such_file_or_directory);
  }
  EXPECT_THROW(session.echo(request()), boost::system::system_error);
}

TEST_F(SessionTest, ABlockingCallInACallbackIsRefused) {
  std::promise<boost::system::error_code> refused;
  SessionOptions with_event = options();
  std::optional<Session> session;
  std::promise<void> there;
  with_event.on_event = [&, is_there = there.get_future().share()](const SessionEvent&) {
    is_there.wait();
    boost::system::error_code error;
    session->echo(request(), error);
    refused.set_value(error);
  };
  session = Session::open(std::move(with_event));
  there.set_value();
  EXPECT_EQ(refused.get_future().get(), Errc::kWouldDeadlock);
}

TEST_F(SessionTest, AnOwnThreadsSessionMayEndInItsCallback) {
  auto session = std::make_unique<Session>(Session::open(options()));
  session->ready();
  std::promise<void> ended;
  session->echo(request(), [&](const boost::system::error_code&, const Outcome&) {
    session.reset();
    ended.set_value();
  });
  EXPECT_EQ(ended.get_future().wait_for(kHang), std::future_status::ready);
  EXPECT_TRUE(broker_.wait_for_ends(1));
}

TEST_F(SessionTest, TheDestructorWaitsForNoAnswer) {
  broker_.answer_echoes(false);
  std::promise<boost::system::error_code> end;
  {
    auto session = Session::open(options());
    session.echo(request(), [&](const boost::system::error_code& error, const Outcome&) { end.set_value(error); });
    EXPECT_TRUE(broker_.wait_for_line("Echo"));
  }
  EXPECT_EQ(end.get_future().get(), boost::system::error_code(boost::asio::error::operation_aborted));
  EXPECT_TRUE(broker_.wait_for_ends(1));
}

TEST_F(SessionTest, AfterALostConnectionTheNextComesByItself) {
  SessionOptions quick = options();
  quick.retry_first = std::chrono::milliseconds(1);
  std::promise<void> lost;
  quick.on_event = [&, told = false](const SessionEvent& event) mutable {
    if (event.kind == SessionEvent::Kind::kDisconnected && !std::exchange(told, true)) lost.set_value();
  };
  auto session = Session::open(std::move(quick));
  session.ready();
  broker_.hang_up();
  lost.get_future().wait();
  boost::system::error_code error;
  // While there is no connection, a wait for one ends with what prevents it.
  const auto give_up = std::chrono::steady_clock::now() + kHang;
  do {
    session.ready(error);
  } while (error && std::chrono::steady_clock::now() < give_up);
  EXPECT_FALSE(error);
  EXPECT_EQ(session.echo(request()).kind, OutcomeKind::kReply);
}

std::set<int> open_descriptors() {
  std::set<int> open;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    open.insert(std::stoi(entry.path().filename()));
  }
  return open;
}

TEST_F(SessionTest, NothingOfItSurvivesExec) {
  const std::set<int> before = open_descriptors();
  auto session = Session::open(options());
  session.ready();
  int found = 0;
  for (const int fd : open_descriptors()) {
    const int flags = ::fcntl(fd, F_GETFD);
    if (before.contains(fd) || flags < 0) continue;
    ++found;
    // The broker's own end is in this process too, and close-on-exec as well.
    EXPECT_NE(flags & FD_CLOEXEC, 0) << fd;
  }
  EXPECT_GE(found, 2);
}

/// What a child finds; its exit code.
int in_child(Session& session, Watch& watch) {
  boost::system::error_code error;
  session.echo(request(), error);
  if (error != Errc::kForked) return 1;
  session.ready(error);
  if (error != Errc::kForked) return 2;
  watch.cancel();
  const Session gone = std::move(session);
  return 0;
}

TEST_F(SessionTest, AChildOfForkHasNoPartInIt) {
  auto session = Session::open(options());
  session.ready();
  auto watch = session.watch(ObjectKinds::kAll, WatchMode::kLevel, [](const WatchEvent&) {});
  EXPECT_TRUE(broker_.wait_for_line("Register"));
  int may_end[2];
  int tried[2];
  ASSERT_EQ(::pipe(&may_end[0]), 0);
  ASSERT_EQ(::pipe(&tried[0]), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    ::close(may_end[1]);
    const auto result = static_cast<char>(in_child(session, watch));
    if (::write(tried[1], &result, 1) != 1) ::_exit(3);
    char end = 0;
    // Lives until the parent has seen its own session end.
    static_cast<void>(::read(may_end[0], &end, 1));
    ::_exit(0);
  }
  ASSERT_GT(child, 0);
  char result = 9;
  ASSERT_EQ(::read(tried[0], &result, 1), 1);
  EXPECT_EQ(result, 0);
  // The parent's session is as it was: nothing was read from it or written into it.
  EXPECT_EQ(session.echo(request()).kind, OutcomeKind::kReply);
  { const Session ended = std::move(session); }
  // The daemon sees the end although the child has inherited the descriptors and lives.
  EXPECT_TRUE(broker_.wait_for_ends(1));
  ::close(may_end[1]);
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  for (const int fd : {may_end[0], tried[0], tried[1]}) ::close(fd);
}

TEST_F(SessionTest, TheInterfaceOfC) {
  sounder_session* session = nullptr;
  ASSERT_EQ(sounder_open((folder_.path() / "nobody.sock").c_str(), nullptr, &session), 0);
  EXPECT_EQ(sounder_ready(session), -ENOENT);
  EXPECT_STREQ(sounder_error_text(-ENOENT), "No such file or directory");
  sounder_close(session);
  ASSERT_EQ(sounder_open(broker_.path().c_str(), "test in C", &session), 0);
  ASSERT_EQ(sounder_ready(session), 0);
  sounder_echo_request echo;
  sounder_echo_defaults(&echo);
  ASSERT_EQ(sounder_address_parse("192.0.2.1", &echo.to), 0);
  sounder_outcome outcome;
  ASSERT_EQ(sounder_echo(session, &echo, &outcome), 0);
  EXPECT_STREQ(sounder_outcome_name(outcome.kind), "reply");
  EXPECT_EQ(outcome.rtt_ns, 1'000'000U);

  std::promise<int> later;
  ASSERT_EQ(sounder_echo_start(
                session, &echo,
                [](void* context, int error, const sounder_outcome*) {
                  static_cast<std::promise<int>*>(context)->set_value(error);
                },
                &later),
            0);
  EXPECT_EQ(later.get_future().get(), 0);

  echo.ttl = 0;
  const int invalid = sounder_echo(session, &echo, &outcome);
  EXPECT_EQ(invalid, SOUNDER_INVALID);
  EXPECT_STREQ(sounder_error_text(invalid), make_error_code(Errc::kInvalid).message().c_str());

  std::promise<std::string> name;
  sounder_registration* watch = nullptr;
  EXPECT_EQ(sounder_watch(session, 8, 0, nullptr, nullptr, &watch), SOUNDER_INVALID);
  ASSERT_EQ(sounder_watch(
                session, SOUNDER_INTERFACE, 1,
                [](void* context, const sounder_watch_event* event) {
                  if (event->kind == SOUNDER_CHANGED)
                    static_cast<std::promise<std::string>*>(context)->set_value(event->name);
                },
                &name, &watch),
            0);
  EXPECT_TRUE(broker_.wait_for_line("Register"));
  broker_.send(testing::change_events(protocol::ObjectKinds::Interface, 1, 0, {{1}}));
  EXPECT_EQ(name.get_future().get(), "eth0");
  sounder_close(session);
  sounder_cancel(watch);

  char text[8];
  EXPECT_EQ(sounder_address_format(&echo.to, &text[0], sizeof(text)), 9U);
  EXPECT_STREQ(&text[0], "192.0.2");
}

}  // namespace
}  // namespace sounder::client
