#include "exporters/http/index_page.h"

#include <fmt/format.h>

#include <iterator>

#include "exporters/http/limits.h"
#include "exporters/text/escape.h"

namespace sounder::exporters::http {
namespace {

constexpr const char* kHead = R"(<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>sounder</title></head>
<body>
<h1>sounder</h1>
)";

constexpr const char* kLinks = R"(<ul>
<li><a href="/metrics">/metrics</a>: everything, for Prometheus</li>
<li><a href="/api/v1/targets">/api/v1/targets</a>: the targets and their state as JSON; <code>limit</code> and
<code>offset</code> choose a part</li>
<li><a href="/-/healthy">/-/healthy</a>: the daemon runs</li>
<li><a href="/-/ready">/-/ready</a>: it probes</li>
<li><code>POST /-/reload</code>: reads the configuration again</li>
</ul>
)";

}  // namespace

std::string index_page(const std::string& version, const std::map<std::string, std::size_t>& groups) {
  std::string page = kHead;
  auto out = std::back_inserter(page);
  fmt::format_to(out, "<p>Version {}</p>\n{}", text::html_text(version), kLinks);
  page += "<table>\n<tr><th>Group</th><th>Targets</th></tr>\n";
  std::size_t listed = 0;
  for (const auto& [group, targets] : groups) {
    if (listed++ == kMaxGroupsOnPage) break;
    fmt::format_to(out, "<tr><td>{}</td><td>{}</td></tr>\n", text::html_text(group), targets);
  }
  page += "</table>\n";
  if (groups.size() > kMaxGroupsOnPage) fmt::format_to(out, "<p>and {} more</p>\n", groups.size() - kMaxGroupsOnPage);
  page += "</body>\n</html>\n";
  return page;
}

}  // namespace sounder::exporters::http
