#include "engine/runtime/workers.h"

#include <gtest/gtest.h>

#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <memory>
#include <optional>
#include <set>
#include <thread>

#include "tests/unit/runtime/fakes.h"

namespace sounder::runtime {
namespace {

using testing::Gate;

class WorkersTest : public ::testing::Test {
 protected:
  /// Runs the service loop until somebody calls end().
  void run() { context_.run(); }
  void end() { work_.reset(); }

  boost::asio::io_context context_;
  std::optional<boost::asio::executor_work_guard<boost::asio::io_context::executor_type>> work_{
      boost::asio::make_work_guard(context_)};
};

TEST_F(WorkersTest, RunsTheJobElsewhereAndItsCompletionHere) {
  Workers workers(context_, 2);
  std::thread::id job_thread;
  std::thread::id completion_thread;
  workers.submit([&]() -> Workers::Completion {
    job_thread = std::this_thread::get_id();
    return [&] {
      completion_thread = std::this_thread::get_id();
      end();
    };
  });
  run();
  EXPECT_NE(job_thread, std::this_thread::get_id());
  EXPECT_EQ(completion_thread, std::this_thread::get_id());
}

TEST_F(WorkersTest, RunsAsManyAtOnceAsItHasThreads) {
  Workers workers(context_, 3);
  std::atomic<int> running{0};
  auto all_run = std::make_shared<Gate>();
  int done = 0;
  for (int i = 0; i < 3; ++i) {
    workers.submit([&, all_run]() -> Workers::Completion {
      if (++running == 3) all_run->open();
      all_run->wait();  // hangs for ever if they ran one after the other
      return [&] {
        if (++done == 3) end();
      };
    });
  }
  run();
  EXPECT_EQ(done, 3);
}

TEST_F(WorkersTest, RunsMoreJobsThanThreads) {
  Workers workers(context_, 2);
  int done = 0;
  for (int i = 0; i < 100; ++i) {
    workers.submit([&]() -> Workers::Completion {
      return [&] {
        if (++done == 100) end();
      };
    });
  }
  run();
  EXPECT_EQ(done, 100);
}

TEST_F(WorkersTest, StopDoesNotWaitForAJobThatHangs) {
  auto hang = std::make_shared<Gate>();
  auto started = std::make_shared<Gate>();
  auto ended = std::make_shared<Gate>();
  bool completed = false;
  auto workers = std::make_optional<Workers>(context_, 1);
  workers->submit([hang, started, ended, &completed]() -> Workers::Completion {
    started->open();
    hang->wait();
    ended->open();
    return [&completed] { completed = true; };
  });
  started->wait();
  workers->stop();
  workers.reset();
  hang->open();
  ended->wait();
  end();
  run();
  EXPECT_FALSE(completed);
}

TEST_F(WorkersTest, DropsWhatWaitsWhenStopped) {
  auto hang = std::make_shared<Gate>();
  auto started = std::make_shared<Gate>();
  auto owned = std::make_shared<int>(0);
  Workers workers(context_, 1);
  workers.submit([hang, started]() -> Workers::Completion {
    started->open();
    hang->wait();
    return {};
  });
  started->wait();
  workers.submit([owned]() -> Workers::Completion { return {}; });
  EXPECT_EQ(owned.use_count(), 2);
  workers.stop();
  EXPECT_EQ(owned.use_count(), 1);
  hang->open();
}

TEST_F(WorkersTest, RunsNoCompletionOnceStopped) {
  Workers workers(context_, 1);
  bool later = false;
  workers.submit([&]() -> Workers::Completion {
    return [&] {
      // Both are queued now or come later; neither may run.
      workers.submit([&]() -> Workers::Completion { return [&] { later = true; }; });
      workers.stop();
      end();
    };
  });
  run();
  EXPECT_FALSE(later);
}

}  // namespace
}  // namespace sounder::runtime
