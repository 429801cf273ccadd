/// What a check finds, and the list of what may stay.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace sounder::tidy {

struct Complaint {
  std::string check;  ///< include, lines, function, banned, exception
  std::string path;
  std::size_t line = 0;
  std::string what;  ///< what an exception must name
  std::string why;
};

/// "engine/wire/icmp.cpp:7: banned rand(: ..."
[[nodiscard]] std::string to_string(const Complaint& complaint);

struct Exception {
  std::size_t line = 0;
  std::string check;
  std::string path;
  std::string what;
  std::string reason;
};

/// The lines of exceptions.txt. One without a reason, or of another form, has an empty `reason`.
[[nodiscard]] std::vector<Exception> parse_exceptions(std::string_view text);

/// The complaints that are left, and one for each exception that is ill-formed or that nothing needs.
[[nodiscard]] std::vector<Complaint> without_exceptions(std::vector<Complaint> complaints,
                                                        const std::vector<Exception>& exceptions);

}  // namespace sounder::tidy
