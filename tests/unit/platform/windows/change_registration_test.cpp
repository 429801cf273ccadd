#include "engine/platform/windows/change_registration.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <utility>
#include <vector>

#include "tests/unit/platform/windows/fake_network.h"

namespace sounder::platform::windows {
namespace {

using Steps = std::vector<std::string>;

class ChangeRegistrationTest : public ::testing::Test {
 protected:
  ChangeRegistration open() {
    return {calls_, NetworkTopic::kRoutes, [this] { ++rings_; }};
  }

  FakeNetwork network_;
  FakeCalls calls_{network_};
  std::atomic<int> rings_ = 0;
};

TEST_F(ChangeRegistrationTest, RingsForEveryNoticeUntilItGoes) {
  {
    const ChangeRegistration registration = open();
    EXPECT_TRUE(registration.live());
    network_.tell();
    network_.tell();
    EXPECT_EQ(rings_, 2);
  }
  EXPECT_EQ(network_.steps, (Steps{"subscribe", "cancel"}));
  EXPECT_TRUE(network_.registered.empty());
}

TEST_F(ChangeRegistrationTest, IsCancelledOnceHoweverOftenItMoves) {
  {
    ChangeRegistration first = open();
    ChangeRegistration second = std::move(first);
    EXPECT_FALSE(first.live());  // NOLINT(bugprone-use-after-move): that is the question
    EXPECT_TRUE(first.close());
    first = std::move(second);
    network_.tell();
    EXPECT_EQ(rings_, 1);
    EXPECT_TRUE(first.close());
    EXPECT_TRUE(first.close());
  }
  EXPECT_EQ(network_.steps, (Steps{"subscribe", "cancel"}));
}

TEST_F(ChangeRegistrationTest, EndsTheOneThatItReplaces) {
  ChangeRegistration registration = open();
  registration = open();
  EXPECT_EQ(network_.registered.size(), 1U);
  network_.tell();
  EXPECT_EQ(rings_, 1);
}

TEST_F(ChangeRegistrationTest, OneThatWasRefusedHoldsNothing) {
  network_.subscribe_error = 1450;  // ERROR_NO_SYSTEM_RESOURCES
  const ChangeRegistration registration = open();
  EXPECT_FALSE(registration.live());
}

TEST_F(ChangeRegistrationTest, TakesANullHandleForNoRegistrationAndNeverCancelsIt) {
  network_.null_handles = true;
  {
    const ChangeRegistration registration = open();
    EXPECT_FALSE(registration.live());
    network_.tell();
  }
  EXPECT_EQ(network_.steps, Steps{"subscribe"});
  // Whatever the system does with what it was given: the memory is there, and nobody hears of it.
  network_.tell();
  EXPECT_EQ(rings_, 0);
}

TEST_F(ChangeRegistrationTest, WhatCannotBeCancelledIsLeftSwitchedOff) {
  network_.cancel_error = 1168;  // ERROR_NOT_FOUND
  {
    ChangeRegistration registration = open();
    EXPECT_FALSE(registration.close());
  }
  EXPECT_EQ(network_.steps, (Steps{"subscribe", "cancel"}));
  ASSERT_EQ(network_.uncancellable.size(), 1U);
  network_.tell();
  EXPECT_EQ(rings_, 0);
}

TEST_F(ChangeRegistrationTest, IsNotCancelledOnTheThreadOfItsCallback) {
  ChangeRegistration registration;
  bool cancelled = true;
  registration = ChangeRegistration(calls_, NetworkTopic::kRoutes, [&] {
    ++rings_;
    cancelled = registration.close();
  });
  network_.tell();
  EXPECT_FALSE(cancelled);
  EXPECT_EQ(network_.steps, Steps{"subscribe"});
  network_.tell();
  EXPECT_EQ(rings_, 1);
  EXPECT_FALSE(registration.live());
}

TEST_F(ChangeRegistrationTest, ANoticeDuringTheCancelNeitherWaitsForItNorRings) {
  ChangeRegistration registration = open();
  // The system waits in cancel() for a callback that has begun: if that waited for whoever cancels, both would for
  // ever.
  network_.during_cancel = [this] { std::thread([this] { network_.tell(); }).join(); };
  EXPECT_TRUE(registration.close());
  EXPECT_EQ(rings_, 0);
}

TEST_F(ChangeRegistrationTest, AnotherRegistrationMayEndInACallback) {
  ChangeRegistration victim(calls_, NetworkTopic::kRoutes, [] {});
  bool cancelled = false;
  const ChangeRegistration registration(calls_, NetworkTopic::kAddresses, [&] { cancelled = victim.close(); });
  network_.registered.rbegin()->second->notify();
  EXPECT_TRUE(cancelled);
  EXPECT_EQ(network_.registered.size(), 1U);
}

TEST_F(ChangeRegistrationTest, CallbacksAtTheSameTimeRingOneAfterTheOther) {
  constexpr int kThreads = 4;
  constexpr int kEach = 20'000;
  int unprotected = 0;
  ChangeRegistration registration(calls_, NetworkTopic::kRoutes, [&] { ++unprotected; });
  ChangeContext& context = *network_.registered.begin()->second;
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < kEach; ++n) context.notify();
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(unprotected, kThreads * kEach);
}

TEST_F(ChangeRegistrationTest, NothingRingsAfterItWasClosedWhileCallbacksRun) {
  network_.cancel_error = 5;
  ChangeRegistration registration = open();
  ChangeContext& context = *network_.registered.begin()->second;
  std::atomic<bool> stop = false;
  std::thread system([&] {
    while (!stop) context.notify();
  });
  while (rings_ == 0) std::this_thread::yield();
  EXPECT_FALSE(registration.close());
  const int at_close = rings_;
  for (int i = 0; i < 1000; ++i) std::this_thread::yield();
  EXPECT_EQ(rings_, at_close);
  stop = true;
  system.join();
}

}  // namespace
}  // namespace sounder::platform::windows
