#include "tests/tidy/complaint.h"

#include <algorithm>

#include <fmt/format.h>

#include "tests/tidy/source_file.h"

namespace sounder::tidy {

namespace {

bool covers(const Exception& exception, const Complaint& complaint) {
  if (exception.reason.empty() || exception.check != complaint.check || exception.what != complaint.what) return false;
  return exception.path.ends_with('/') ? complaint.path.starts_with(exception.path) : complaint.path == exception.path;
}

}  // namespace

std::string to_string(const Complaint& complaint) {
  return fmt::format("{}:{}: {} {}: {}", complaint.path, complaint.line, complaint.check, complaint.what,
                     complaint.why);
}

std::vector<Exception> parse_exceptions(std::string_view text) {
  std::vector<Exception> exceptions;
  std::size_t number = 0;
  for (const auto line : lines_of(text)) {
    ++number;
    if (line.empty() || line.starts_with('#')) continue;
    Exception exception{number, {}, {}, std::string(line), {}};
    const auto colon = line.find(": ");
    const auto words = words_of(line.substr(0, colon));
    if (colon != std::string_view::npos && words.size() == 3) {
      exception = {number, std::string(words[0]), std::string(words[1]), std::string(words[2]),
                   std::string(line.substr(colon + 2))};
    }
    exceptions.push_back(std::move(exception));
  }
  return exceptions;
}

std::vector<Complaint> without_exceptions(std::vector<Complaint> complaints, const std::vector<Exception>& exceptions) {
  std::vector<Complaint> left;
  for (const auto& exception : exceptions) {
    const bool needed = std::any_of(complaints.begin(), complaints.end(),
                                    [&](const Complaint& complaint) { return covers(exception, complaint); });
    if (needed) continue;
    left.push_back({"exception", "tests/tidy/exceptions.txt", exception.line, exception.what,
                    exception.reason.empty() ? "not of the form CHECK PATH WHAT: REASON" : "nothing needs it"});
  }
  for (auto& complaint : complaints) {
    const bool excused = std::any_of(exceptions.begin(), exceptions.end(),
                                     [&](const Exception& exception) { return covers(exception, complaint); });
    if (!excused) left.push_back(std::move(complaint));
  }
  return left;
}

}  // namespace sounder::tidy
