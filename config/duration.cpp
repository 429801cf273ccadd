#include "config/duration.h"

#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>

#include <fmt/format.h>

#include "config/text.h"
#include "engine/base/check.h"

namespace sounder::config {

namespace {

using Reason = std::string;

struct TimeUnit {
  std::string_view name;
  std::int64_t nanoseconds;
  bool only_exact = false;  ///< written only if nothing remains
};

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kDay = 86'400 * kSecond;
constexpr std::array<TimeUnit, 9> kTimeUnits = {{{"y", 365 * kDay, true},
                                                 {"w", 7 * kDay, true},
                                                 {"d", kDay},
                                                 {"h", 3600 * kSecond},
                                                 {"m", 60 * kSecond},
                                                 {"s", kSecond},
                                                 {"ms", kSecond / 1000},
                                                 {"us", kSecond / 1'000'000},
                                                 {"ns", 1}}};

/// Takes what is digits (or is not) from the front of `text`.
std::string_view take_while_digit(std::string_view& text, bool digit) {
  std::size_t length = 0;
  while (length < text.size() && is_digit(text[length]) == digit) ++length;
  const auto taken = text.substr(0, length);
  text.remove_prefix(length);
  return taken;
}

std::optional<std::size_t> unit_index(std::string_view name) {
  if (name == "µs") name = "us";
  for (std::size_t i = 0; i < kTimeUnits.size(); ++i) {
    if (kTimeUnits.at(i).name == name) return i;
  }
  return std::nullopt;
}

/// `total` + `number` × `unit`, none if that is more than a Duration holds.
std::optional<std::int64_t> add_units(std::int64_t total, std::string_view number, std::int64_t unit) {
  std::int64_t count = 0;
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), count);
  if (error != std::errc{}) return std::nullopt;
  if (count > (std::numeric_limits<std::int64_t>::max() - total) / unit) return std::nullopt;
  return total + count * unit;
}

}  // namespace

tl::expected<base::Duration, Reason> parse_duration(std::string_view text) {
  if (text == "0") return base::Duration::zero();
  if (text.empty() || !is_digit(text.front())) return tl::unexpected<Reason>("is not a duration");
  std::int64_t total = 0;
  std::size_t next_unit = 0;
  while (!text.empty()) {
    const auto number = take_while_digit(text, true);
    const auto name = take_while_digit(text, false);
    if (name.empty()) return tl::unexpected<Reason>(fmt::format("has no unit; write {0}s or {0}ms", shown(number)));
    if (name.front() == '.') return tl::unexpected<Reason>("has a fraction; write 1s500ms for one and a half seconds");
    const auto unit = unit_index(name);
    if (!unit)
      return tl::unexpected<Reason>(fmt::format("has the unit {}, which is none of d, h, m, s, ms, us", shown(name)));
    if (*unit < next_unit)
      return tl::unexpected<Reason>("has its units out of order; the largest comes first, each once");
    const auto sum = add_units(total, number, kTimeUnits.at(*unit).nanoseconds);
    if (!sum) return tl::unexpected<Reason>("is longer than 292y");
    total = *sum;
    next_unit = *unit + 1;
  }
  return base::Duration(total);
}

std::string format_duration(base::Duration duration) {
  SOUNDER_CHECK(duration >= base::Duration::zero());
  std::int64_t rest = duration.count();
  if (rest == 0) return "0s";
  std::string text;
  for (const auto& unit : kTimeUnits) {
    if (rest < unit.nanoseconds || (unit.only_exact && rest % unit.nanoseconds != 0)) continue;
    text += fmt::format("{}{}", rest / unit.nanoseconds, unit.name);
    rest %= unit.nanoseconds;
  }
  return text;
}

}  // namespace sounder::config
