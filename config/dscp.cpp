#include "config/dscp.h"

#include <array>
#include <charconv>
#include <string>

namespace sounder::config {

namespace {

struct CodePoint {
  std::string_view name;
  std::uint8_t value;
};

constexpr std::array<CodePoint, 24> kCodePoints = {
    {{"be", 0},    {"cs0", 0},   {"cs1", 8},   {"cs2", 16},  {"cs3", 24},  {"cs4", 32},  {"cs5", 40},  {"cs6", 48},
     {"cs7", 56},  {"af11", 10}, {"af12", 12}, {"af13", 14}, {"af21", 18}, {"af22", 20}, {"af23", 22}, {"af31", 26},
     {"af32", 28}, {"af33", 30}, {"af41", 34}, {"af42", 36}, {"af43", 38}, {"ef", 46},   {"va", 44},   {"le", 1}}};

}  // namespace

std::optional<std::uint8_t> parse_dscp(std::string_view text) {
  unsigned number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc{} && end == text.data() + text.size()) {
    if (number > 63) return std::nullopt;
    return static_cast<std::uint8_t>(number);
  }
  std::string name(text);
  for (char& letter : name) {
    if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
  }
  for (const auto& point : kCodePoints) {
    if (point.name == name) return point.value;
  }
  return std::nullopt;
}

}  // namespace sounder::config
