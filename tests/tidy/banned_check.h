/// What may be written only where the operating system is at home, or nowhere.
#pragma once

#include <vector>

#include "tests/tidy/complaint.h"
#include "tests/tidy/source_file.h"

namespace sounder::tidy {

[[nodiscard]] std::vector<Complaint> check_banned(const std::vector<SourceFile>& sources);

}  // namespace sounder::tidy
