#include "engine/runtime/doorbell.h"

#include <gtest/gtest.h>

#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <optional>
#include <thread>

namespace sounder::runtime {
namespace {

TEST(Doorbell, AnswersAnyNumberOfRingsOnce) {
  boost::asio::io_context context;
  int answers = 0;
  Doorbell bell(context, [&] { ++answers; });
  for (int i = 0; i < 3; ++i) bell.ring();
  context.poll();
  EXPECT_EQ(answers, 1);
}

TEST(Doorbell, AnswersARingOfItsOwnHandler) {
  boost::asio::io_context context;
  int answers = 0;
  std::optional<Doorbell> bell;
  bell.emplace(context, [&] {
    if (++answers < 3) bell->ring();
  });
  bell->ring();
  context.poll();
  EXPECT_EQ(answers, 3);
}

TEST(Doorbell, IsSilentOnceClosed) {
  boost::asio::io_context context;
  int answers = 0;
  Doorbell bell(context, [&] { ++answers; });
  bell.ring();
  bell.close();
  context.poll();
  EXPECT_EQ(answers, 0);
}

TEST(Doorbell, MayBeGoneBeforeItsPostedHandler) {
  boost::asio::io_context context;
  int answers = 0;
  {
    Doorbell bell(context, [&] { ++answers; });
    bell.ring();
  }
  context.poll();
  EXPECT_EQ(answers, 0);
}

/// Whatever was written before a ring is seen by the answer that follows it.
TEST(Doorbell, LosesNoRingBetweenTwoThreads) {
  constexpr std::uint64_t kRings = 50'000;
  boost::asio::io_context context;
  auto work = std::make_optional(boost::asio::make_work_guard(context));
  std::atomic<std::uint64_t> written{0};
  std::uint64_t seen = 0;
  Doorbell bell(context, [&] {
    seen = written.load(std::memory_order_relaxed);
    if (seen == kRings) work.reset();
  });
  std::thread producer([&] {
    for (std::uint64_t i = 1; i <= kRings; ++i) {
      written.store(i, std::memory_order_relaxed);
      bell.ring();
    }
  });
  context.run();  // ends when the last ring has been answered
  producer.join();
  EXPECT_EQ(seen, kRings);
}

}  // namespace
}  // namespace sounder::runtime
