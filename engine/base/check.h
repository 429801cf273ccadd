/// Checks of our own invariants. A failed check is a bug: the process aborts, in release builds too, because numbers
/// from a corrupted state are worse than none. Never for what the outside world sends.
#pragma once

namespace sounder::base {

[[noreturn]] void check_failed(const char* condition, const char* file, int line);

}  // namespace sounder::base

// A macro, since the text of the condition is half of the message.
// NOLINTNEXTLINE(cppcoreguidelines-macro-usage)
#define SOUNDER_CHECK(condition) \
  (static_cast<bool>(condition) ? static_cast<void>(0) : ::sounder::base::check_failed(#condition, __FILE__, __LINE__))
