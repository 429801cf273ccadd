/// The target of a request (RFC 9112 §3.2) taken apart.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "exporters/http/limits.h"

namespace sounder::exporters::http {

/// Views into the request's target. The origin form (`/path?query`) and the absolute form (`http://host/path?query`)
/// are understood; of all others `path` is the whole. Nothing is percent-decoded: no path of ours needs it.
struct RequestTarget {
  std::string_view path;
  std::string_view query;
};
[[nodiscard]] RequestTarget split_target(std::string_view target);

/// Which part of the targets is asked for.
struct PageQuery {
  std::size_t limit = kDefaultTargetsPerPage;
  std::size_t offset = 0;

  friend bool operator==(const PageQuery&, const PageQuery&) = default;
};

/// Reads `limit=…&offset=…`. Gives the query, or leaves `error` saying what is wrong and what is allowed.
[[nodiscard]] std::optional<PageQuery> parse_page_query(std::string_view query, std::string& error);

}  // namespace sounder::exporters::http
