/// The plain page at `/`.
#pragma once

#include <cstddef>
#include <map>
#include <string>

namespace sounder::exporters::http {

/// Links every endpoint and lists the groups, at most kMaxGroupsOnPage of them. Complete HTML, everything escaped.
[[nodiscard]] std::string index_page(const std::string& version, const std::map<std::string, std::size_t>& groups);

}  // namespace sounder::exporters::http
