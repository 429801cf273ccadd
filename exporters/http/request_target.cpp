#include "exporters/http/request_target.h"

#include <fmt/format.h>

#include <charconv>
#include <limits>

namespace sounder::exporters::http {
namespace {

/// What stands before `separator`, which is removed with it.
std::string_view take_until(std::string_view& text, char separator) {
  const std::size_t end = text.find(separator);
  const std::string_view part = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return part;
}

std::optional<std::size_t> parse_number(std::string_view text) {
  std::size_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

/// Sets the one parameter; false if it has no such value.
bool set(std::size_t& field, std::string_view value, std::size_t least, std::size_t most) {
  const auto number = parse_number(value);
  if (!number || *number < least || *number > most) return false;
  field = *number;
  return true;
}

}  // namespace

RequestTarget split_target(std::string_view target) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (target.substr(0, scheme.size()) != scheme) continue;
    const std::size_t path = target.find_first_of("/?", scheme.size());
    target = path == std::string_view::npos ? "/" : target.substr(path);
  }
  RequestTarget parts;
  parts.path = take_until(target, '?');
  parts.query = target;
  if (parts.path.empty()) parts.path = "/";
  return parts;
}

std::optional<PageQuery> parse_page_query(std::string_view query, std::string& error) {
  PageQuery page;
  bool has_limit = false;
  bool has_offset = false;
  while (!query.empty()) {
    std::string_view value = take_until(query, '&');
    const std::string_view name = take_until(value, '=');
    bool good = false;
    if (name == "limit" && !has_limit) {
      has_limit = good = set(page.limit, value, 1, kMaxTargetsPerPage);
    } else if (name == "offset" && !has_offset) {
      has_offset = good = set(page.offset, value, 0, std::numeric_limits<std::size_t>::max());
    }
    if (good) continue;
    error = fmt::format(
        "bad query: allowed are limit (1 to {}, default {}) and offset (a number from 0, default 0), each once",
        kMaxTargetsPerPage, kDefaultTargetsPerPage);
    return std::nullopt;
  }
  return page;
}

}  // namespace sounder::exporters::http
