/// The watch on a real loop, with callbacks on threads of their own.
#include "engine/platform/windows/network_watch.h"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <functional>
#include <thread>
#include <vector>

#include "tests/support/allocation_counter.h"
#include "tests/unit/platform/windows/fake_network.h"

namespace sounder::platform::windows {
namespace {

using namespace std::chrono_literals;

/// Finds hangs only.
constexpr auto kLong = 30s;

class SteadyClock final : public io::Clock {
 public:
  [[nodiscard]] base::MonoTime mono_now() const override {
    return base::MonoTime(std::chrono::steady_clock::now().time_since_epoch());
  }
  [[nodiscard]] base::WallTime wall_now() const override { return {}; }
};

class WindowsNetworkWatchTest : public ::testing::Test {
 protected:
  void start() {
    network_.tables = small_tables();
    watch_ = make_network_watch(loop_.get_executor(), std::make_unique<SteadyClock>(),
                                std::make_unique<FakeCalls>(network_));
    watch_->start([this](std::span<const net::WatchEvent> events) { follow(events, state_); });
  }
  bool run_until(const std::function<bool()>& condition) {
    loop_.restart();
    const auto end = std::chrono::steady_clock::now() + kLong;
    while (!condition() && std::chrono::steady_clock::now() < end) loop_.run_one_for(100ms);
    return condition();
  }
  /// The system tells of a change, `times` on each of several threads.
  void tell(int times) {
    std::vector<std::thread> threads;
    for (const auto& [handle, context] : network_.registered) {
      threads.emplace_back([context = context, times] {
        for (int i = 0; i < times; ++i) context->notify();
      });
    }
    for (std::thread& thread : threads) thread.join();
  }

  FakeNetwork network_;
  boost::asio::io_context loop_;
  net::State state_;
  std::unique_ptr<io::NetworkWatch> watch_;
};

TEST_F(WindowsNetworkWatchTest, FollowsOnTheLoopWhatCallbacksTellOf) {
  start();
  EXPECT_TRUE(state_.complete());
  network_.tables.addresses.clear();
  tell(1);
  EXPECT_EQ(state_.addresses().size(), 1U);  // only the loop reads
  EXPECT_TRUE(run_until([this] { return state_.addresses().empty(); }));
}

TEST_F(WindowsNetworkWatchTest, ThreeHundredThousandNoticesThatNobodyTakesHoldNoMemory) {
  start();
  tell(1);
  ASSERT_EQ(network_.registered.size(), 3U);
  ChangeContext& context = *network_.registered.begin()->second;
  EXPECT_EQ(sounder::testing::allocations_of([&] {
              for (int i = 0; i < 300'000; ++i) context.notify();
            }),
            0U);
  tell(100'000);
  network_.tables.addresses.clear();
  const std::size_t steps = network_.steps.size();
  EXPECT_EQ(loop_.poll(), 1U);
  EXPECT_LE(network_.steps.size(), steps + 1);
  EXPECT_TRUE(run_until([this] { return state_.addresses().empty(); }));
}

TEST_F(WindowsNetworkWatchTest, PollsByATimerWhereTheSystemRegistersNobody) {
  network_.null_handles = true;
  start();
  EXPECT_TRUE(watch_->numbers().polling);
  network_.tables.addresses.clear();
  EXPECT_TRUE(run_until([this] { return state_.addresses().empty(); }));
}

TEST_F(WindowsNetworkWatchTest, NothingIsHandledOnceItHasGone) {
  network_.null_handles = true;
  start();
  network_.address_ring();
  network_.tables.addresses.clear();
  watch_.reset();
  loop_.run_for(kLong);
  EXPECT_TRUE(loop_.stopped()) << "something is still waited for";
  EXPECT_EQ(state_.addresses().size(), 1U);
}

TEST_F(WindowsNetworkWatchTest, GoesWhileCallbacksRun) {
  for (int round = 0; round < 200; ++round) {
    start();
    std::vector<std::thread> system;
    // As the system does, cancel() waits for its callbacks.
    network_.during_cancel = [&] {
      for (std::thread& thread : system) {
        if (thread.joinable()) thread.join();
      }
    };
    for (const auto& [handle, context] : network_.registered) {
      system.emplace_back([context = context] {
        for (int i = 0; i < 100; ++i) context->notify();
      });
    }
    loop_.poll();
    watch_.reset();
    network_.during_cancel = nullptr;
  }
  EXPECT_TRUE(network_.registered.empty());
}

}  // namespace
}  // namespace sounder::platform::windows
