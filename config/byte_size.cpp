#include "config/byte_size.h"

#include <array>
#include <charconv>
#include <limits>

#include <fmt/format.h>

#include "config/text.h"

namespace sounder::config {

namespace {

struct SizeUnit {
  std::string_view name;
  unsigned shift;
};

constexpr std::array<SizeUnit, 4> kSizeUnits = {{{"GiB", 30}, {"MiB", 20}, {"KiB", 10}, {"", 0}}};

}  // namespace

tl::expected<std::uint64_t, std::string> parse_byte_size(std::string_view text) {
  std::uint64_t count = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, count);
  if (error == std::errc::invalid_argument) return tl::unexpected<std::string>("is not a size");
  const std::string_view name = trimmed(text.substr(static_cast<std::size_t>(rest - text.data())));
  for (const auto& unit : kSizeUnits) {
    if (unit.name != name) continue;
    if (error != std::errc{} || count > std::numeric_limits<std::uint64_t>::max() >> unit.shift) {
      return tl::unexpected<std::string>("is too large");
    }
    return count << unit.shift;
  }
  return tl::unexpected<std::string>(fmt::format("has the unit {}, which is none of KiB, MiB, GiB", shown(name)));
}

std::string format_byte_size(std::uint64_t bytes) {
  for (const auto& unit : kSizeUnits) {
    if (bytes >> unit.shift != 0 && (bytes >> unit.shift) << unit.shift == bytes) {
      return fmt::format("{}{}", bytes >> unit.shift, unit.name);
    }
  }
  return "0";
}

}  // namespace sounder::config
