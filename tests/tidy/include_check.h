/// The order of the house: which folder may include what.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tests/tidy/complaint.h"
#include "tests/tidy/source_file.h"

namespace sounder::tidy {

struct IncludeRule {
  std::string folder;
  std::vector<std::string> allowed;
};

/// The lines of include_table.txt.
[[nodiscard]] std::vector<IncludeRule> parse_include_table(std::string_view text);

/// A complaint for each #include that the table does not allow, that is not relative to the root of the tree, or whose
/// header belongs to no library that is known here; and for each file in a folder that the table does not list.
[[nodiscard]] std::vector<Complaint> check_includes(const std::vector<SourceFile>& sources,
                                                    const std::vector<IncludeRule>& table);

}  // namespace sounder::tidy
