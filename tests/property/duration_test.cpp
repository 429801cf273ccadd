/// Durations in configurations: what is written is read back, and no text is a crash.
#include "config/duration.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cstdint>
#include <limits>
#include <string>

namespace sounder::config {
namespace {

using base::Duration;

RC_GTEST_PROP(Duration, IsReadBackAsItWasWritten, ()) {
  const Duration duration(*rc::gen::inRange<std::int64_t>(0, std::numeric_limits<std::int64_t>::max()));
  const auto parsed = parse_duration(format_duration(duration));
  RC_ASSERT(parsed.has_value());
  RC_ASSERT(*parsed == duration);
}

RC_GTEST_PROP(Duration, OfAnyTextIsNoCrash, ()) {
  const auto letters = rc::gen::elementOf(std::string("0123456789ywdhmsun.-µ "));
  const auto text = *rc::gen::container<std::string>(letters);
  const auto parsed = parse_duration(text);
  if (parsed) RC_ASSERT(*parsed >= Duration::zero());
}

}  // namespace
}  // namespace sounder::config
