#include "app/watchdog.h"

#include <gtest/gtest.h>

#include <functional>

namespace sounder::app {
namespace {

/// A service manager that counts the signs of life.
class Manager final : public io::ServiceNotify {
 public:
  void ready(std::string_view /*status*/) override {}
  void reloading() override {}
  void stopping() override {}
  void alive() override {
    ++signs_;
    on_alive_();
  }
  [[nodiscard]] std::optional<base::Duration> watchdog() const override { return limit_; }

  std::optional<base::Duration> limit_;
  std::function<void()> on_alive_ = [] {};
  int signs_ = 0;
};

class WatchdogTest : public ::testing::Test {
 protected:
  boost::asio::io_context service_;
  Manager manager_;
  probe::EngineNumbers numbers_;
  Watchdog watchdog_{service_, manager_, numbers_};
};

TEST_F(WatchdogTest, RestsWhereNobodyWatches) {
  watchdog_.start();
  EXPECT_EQ(service_.run(), 0U);
}

TEST_F(WatchdogTest, TellsAsLongAsTheProbeThreadCycles) {
  manager_.limit_ = std::chrono::milliseconds(3);
  numbers_.cycles = 1;
  manager_.on_alive_ = [this] {
    ++numbers_.cycles;
    if (manager_.signs_ == 3) service_.stop();
  };
  watchdog_.start();
  service_.run();
  EXPECT_EQ(manager_.signs_, 3);
}

TEST_F(WatchdogTest, FallsSilentWhenTheProbeThreadHangs) {
  manager_.limit_ = std::chrono::milliseconds(3);
  numbers_.cycles = 1;
  watchdog_.start();
  // Ten looks, of which only the first finds a cycle that was not there before.
  for (int look = 0; look < 10; ++look) service_.run_one();
  EXPECT_EQ(manager_.signs_, 1);
}

}  // namespace
}  // namespace sounder::app
