#include "engine/platform/windows/system_error_numbers.h"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

namespace sounder::platform::windows {
namespace {

using wire::SendFailure;

TEST(SystemErrorNumbers, TellWhyASendWasRefused) {
  const std::vector<std::pair<int, SendFailure>> cases = {
      {10051, SendFailure::kNoRoute},       {10065, SendFailure::kNoRoute},      {10050, SendFailure::kNoRoute},
      {10064, SendFailure::kNoRoute},       {1231, SendFailure::kNoRoute},       {1232, SendFailure::kNoRoute},
      {10055, SendFailure::kNoBuffer},      {10035, SendFailure::kNoBuffer},     {8, SendFailure::kNoBuffer},
      {1450, SendFailure::kNoBuffer},       {10013, SendFailure::kAccessDenied}, {5, SendFailure::kAccessDenied},
      {10040, SendFailure::kMessageTooBig}, {234, SendFailure::kMessageTooBig},  {10022, SendFailure::kInvalid},
      {10049, SendFailure::kInvalid},       {10047, SendFailure::kInvalid},      {10061, SendFailure::kOther},
      {0x7fff'ffff, SendFailure::kOther},
  };
  for (const auto& [error, failure] : cases) EXPECT_EQ(to_send_failure(error), failure) << error;
}

TEST(SystemErrorNumbers, BothEndsOfAStopAreOne) {
  EXPECT_TRUE(is_stop(995));  // cancelled
  EXPECT_TRUE(is_stop(676));  // closed, with receives outstanding
  EXPECT_FALSE(is_stop(10054));
  EXPECT_FALSE(is_stop(0));
}

TEST(SystemErrorNumbers, WantOfMemoryIsNoOtherError) {
  EXPECT_TRUE(is_want_of_memory(10055));
  EXPECT_TRUE(is_want_of_memory(1453));
  EXPECT_FALSE(is_want_of_memory(10054));
  EXPECT_FALSE(is_want_of_memory(995));
}

}  // namespace
}  // namespace sounder::platform::windows
