/// What is asked of the system: Wine's timers are all exact, so that only the calls can be wrong there.
#include "engine/platform/windows/precise_timer.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace sounder::platform::windows {
namespace {

class NotedCalls final : public TimerCalls {
 public:
  explicit NotedCalls(bool high_resolution) : high_resolution_(high_resolution) {}

  HANDLE create(DWORD flags) override {
    note("create " + std::to_string(flags));
    return flags == 0 || high_resolution_ ? TimerCalls::create(0) : nullptr;
  }
  void set(HANDLE timer, std::int64_t ticks) override {
    note("set " + std::to_string(ticks));
    TimerCalls::set(timer, ticks);
  }
  void begin_period(unsigned milliseconds) override { note("begin " + std::to_string(milliseconds)); }
  void end_period(unsigned milliseconds) override { note("end " + std::to_string(milliseconds)); }

  [[nodiscard]] const std::vector<std::string>& calls() const { return calls_; }

 private:
  void note(std::string call) { calls_.push_back(std::move(call)); }

  bool high_resolution_;
  std::vector<std::string> calls_;
};

using Calls = std::vector<std::string>;

TEST(PreciseTimer, AsksForAHighResolution) {
  NotedCalls calls(true);
  {
    PreciseTimer timer(calls);
    timer.set(std::chrono::milliseconds(1));
    EXPECT_EQ(WaitForSingleObject(timer.handle(), 10'000), WAIT_OBJECT_0);
  }
  EXPECT_EQ(calls.calls(), (Calls{"create 2", "set 10000"}));
}

TEST(PreciseTimer, AsksForAFastTickWhereThatIsRefused) {
  NotedCalls calls(false);
  {
    PreciseTimer timer(calls);
    timer.set(std::chrono::milliseconds(1));
    EXPECT_EQ(WaitForSingleObject(timer.handle(), 10'000), WAIT_OBJECT_0);
  }
  EXPECT_EQ(calls.calls(), (Calls{"create 2", "create 0", "begin 1", "set 10000", "end 1"}));
}

TEST(PreciseTimer, NeverWaitsForLessThanWasAsked) {
  NotedCalls calls(true);
  PreciseTimer timer(calls);
  timer.set(base::Duration(101));
  timer.set(base::Duration(100));
  timer.set(base::Duration(0));
  EXPECT_EQ(calls.calls(), (Calls{"create 2", "set 2", "set 1", "set 1"}));
}

}  // namespace
}  // namespace sounder::platform::windows
