/// The scenario files of this folder, as parameters of tests.
#pragma once

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "tests/lab/scenario.h"

namespace sounder::lab {

/// Those that take at most 8 s of real time; `folder` "long" has the others, which only virtual time and people play.
[[nodiscard]] inline std::vector<std::filesystem::path> scenario_files(const std::string& folder = "") {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(std::filesystem::path(SOUNDER_SCENARIOS) / folder)) {
    if (entry.path().extension() == ".yaml") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

[[nodiscard]] inline std::string test_name(const std::filesystem::path& file) {
  std::string name = file.stem().string();
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

}  // namespace sounder::lab
