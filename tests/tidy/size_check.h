/// How long a file and a function may be.
#pragma once

#include <cstddef>
#include <vector>

#include "tests/tidy/complaint.h"
#include "tests/tidy/source_file.h"

namespace sounder::tidy {

inline constexpr std::size_t kMaxFileLines = 500;
inline constexpr std::size_t kMaxFunctionLines = 70;

[[nodiscard]] std::vector<Complaint> check_file_sizes(const std::vector<SourceFile>& sources);

/// From the line of the opening brace to that of the closing one. What is a function is told from the text before its
/// brace: it has parentheses and opens no namespace or type. A lambda within a function counts as a part of it.
[[nodiscard]] std::vector<Complaint> check_function_sizes(const std::vector<SourceFile>& sources);

}  // namespace sounder::tidy
