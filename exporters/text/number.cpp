#include "exporters/text/number.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <string_view>

namespace sounder::exporters::text {
namespace {

constexpr std::uint64_t kNanosecondsPerSecond = 1'000'000'000;

char* write_text(char* at, std::string_view text) { return std::copy(text.begin(), text.end(), at); }

/// `.` and nine digits, without the zeros at the end; nothing for 0.
char* write_fraction(char* at, std::uint64_t nanoseconds) {
  if (nanoseconds == 0) return at;
  std::size_t digits = 9;
  for (; nanoseconds % 10 == 0; nanoseconds /= 10) --digits;
  *at++ = '.';
  for (char* digit = at + digits; digit != at; nanoseconds /= 10) {
    *--digit = static_cast<char>('0' + nanoseconds % 10);
  }
  return at + digits;
}

}  // namespace

char* write_count(char* at, std::uint64_t value) {
  if (value < 10) {
    *at = static_cast<char>('0' + value);
    return at + 1;
  }
  return std::to_chars(at, at + kMaxNumber, value).ptr;
}

char* write_value(char* at, double value) {
  if (std::isnan(value)) return write_text(at, "NaN");
  if (std::isinf(value)) return write_text(at, value < 0 ? "-Inf" : "+Inf");
  return std::to_chars(at, at + kMaxNumber, value, std::chars_format::general).ptr;
}

char* write_seconds(char* at, base::Duration value) {
  std::uint64_t nanoseconds = static_cast<std::uint64_t>(value.count());
  if (value.count() < 0) {
    *at++ = '-';
    nanoseconds = 0 - nanoseconds;
  }
  at = write_count(at, nanoseconds / kNanosecondsPerSecond);
  return write_fraction(at, nanoseconds % kNanosecondsPerSecond);
}

}  // namespace sounder::exporters::text
