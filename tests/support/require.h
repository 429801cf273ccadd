/// What a test needs of the machine it runs on, and what happens where it is missing.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <string_view>

namespace sounder::testing {

/// Set where nothing may be missing, so that a test that silently stopped running is noticed: .ci/run does.
[[nodiscard]] inline bool skips_are_failures() {
  const char* value = std::getenv("SOUNDER_REQUIRE_ROOT_TESTS");
  return value != nullptr && std::string_view(value) == "1";
}

}  // namespace sounder::testing

/// Ends the test as skipped, with the reason, unless `condition` holds; as failed where SOUNDER_REQUIRE_ROOT_TESTS=1.
/// For rights and programs that CI has; a kernel feature that CI may lack is a plain GTEST_SKIP(). A macro, since it
/// returns from the test.
// NOLINTNEXTLINE(cppcoreguidelines-macro-usage)
#define SOUNDER_SKIP_WITHOUT(condition, reason)             \
  do {                                                      \
    if (!(condition)) {                                     \
      if (::sounder::testing::skips_are_failures()) {       \
        FAIL() << "needed here, and missing: " << (reason); \
      }                                                     \
      GTEST_SKIP() << (reason);                             \
    }                                                       \
  } while (false)
