#include "config/scalars.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "config/byte_size.h"
#include "config/duration.h"
#include "config/text.h"

namespace sounder::config {

namespace {

struct Parsed {
  std::optional<std::uint64_t> number;
  std::string wrong;
};

Parsed parse_number(std::string_view text) {
  const bool hexadecimal = text.substr(0, 2) == "0x";
  const auto digits = text.substr(hexadecimal ? 2 : 0);
  std::uint64_t number = 0;
  const char* const last = digits.data() + digits.size();
  const auto [end, error] = std::from_chars(digits.data(), last, number, hexadecimal ? 16 : 10);
  if (digits.empty() || end != last || error == std::errc::invalid_argument) return {{}, "is not a whole number"};
  if (error != std::errc{}) return {{}, "is too large"};
  return {number, {}};
}

}  // namespace

void Field::refuse(const std::string& wrong, std::string_view allowed) const {
  diagnostics.error(node.position(), fmt::format("{}: {} {}; allowed is {}", key, shown(node.text()), wrong, allowed));
}

std::optional<std::string_view> Field::text(std::string_view allowed) const {
  if (node.kind() == NodeKind::kScalar) return node.text();
  diagnostics.error(node.position(),
                    fmt::format("{}: {} is given; allowed is {}", key, kind_name(node.kind()), allowed));
  return std::nullopt;
}

std::optional<base::Duration> read_duration(const Field& field, base::Duration least, base::Duration most) {
  const auto allowed = fmt::format("{} to {}", format_duration(least), format_duration(most));
  const auto text = field.text(allowed);
  if (!text) return std::nullopt;
  const auto duration = parse_duration(*text);
  if (!duration) {
    field.refuse(duration.error(), allowed);
  } else if (*duration < least) {
    field.refuse("is too short", allowed);
  } else if (*duration > most) {
    field.refuse("is too long", allowed);
  } else {
    return *duration;
  }
  return std::nullopt;
}

std::optional<std::uint64_t> read_number(const Field& field, std::uint64_t least, std::uint64_t most) {
  const auto allowed = fmt::format("{} to {}", least, most);
  const auto text = field.text(allowed);
  if (!text) return std::nullopt;
  const auto parsed = parse_number(*text);
  if (!parsed.number) {
    field.refuse(parsed.wrong, allowed);
  } else if (*parsed.number < least) {
    field.refuse("is too small", allowed);
  } else if (*parsed.number > most) {
    field.refuse("is too large", allowed);
  } else {
    return parsed.number;
  }
  return std::nullopt;
}

std::optional<std::uint64_t> read_byte_size(const Field& field, std::uint64_t least, std::uint64_t most) {
  const auto allowed = fmt::format("{} to {}", format_byte_size(least), format_byte_size(most));
  const auto text = field.text(allowed);
  if (!text) return std::nullopt;
  const auto size = parse_byte_size(*text);
  if (!size) {
    field.refuse(size.error(), allowed);
  } else if (*size < least) {
    field.refuse("is too small", allowed);
  } else if (*size > most) {
    field.refuse("is too large", allowed);
  } else {
    return *size;
  }
  return std::nullopt;
}

std::optional<bool> read_bool(const Field& field) {
  constexpr std::string_view kAllowed = "true or false";
  const auto text = field.text(kAllowed);
  if (!text) return std::nullopt;
  if (*text == "true") return true;
  if (*text == "false") return false;
  field.refuse("is neither", kAllowed);
  return std::nullopt;
}

std::optional<std::string> read_text(const Field& field, std::size_t most) {
  const auto allowed = fmt::format("a text of 1 to {} bytes without control characters", most);
  const auto text = field.text(allowed);
  if (!text) return std::nullopt;
  if (text->empty()) {
    field.refuse("is empty", allowed);
  } else if (text->size() > most) {
    field.refuse(fmt::format("has {} bytes", text->size()), allowed);
  } else if (has_control_characters(*text)) {
    field.refuse("has control characters", allowed);
  } else {
    return std::string(*text);
  }
  return std::nullopt;
}

std::optional<std::size_t> read_choice(const Field& field, std::span<const std::string_view> words) {
  const auto allowed = listed(words);
  const auto text = field.text(allowed);
  if (!text) return std::nullopt;
  const auto found = std::find(words.begin(), words.end(), *text);
  if (found != words.end()) return static_cast<std::size_t>(found - words.begin());
  field.refuse("is none of them", allowed);
  return std::nullopt;
}

}  // namespace sounder::config
