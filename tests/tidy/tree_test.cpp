// The tree as it stands.
#include <gtest/gtest.h>

#include <filesystem>
#include <iterator>
#include <string>
#include <vector>

#include "tests/tidy/banned_check.h"
#include "tests/tidy/complaint.h"
#include "tests/tidy/include_check.h"
#include "tests/tidy/size_check.h"
#include "tests/tidy/source_file.h"

namespace sounder::tidy {
namespace {

const std::filesystem::path kRoot = SOUNDER_SOURCE_DIR;

class Tree : public ::testing::Test {
 protected:
  std::vector<SourceFile> sources_ = read_sources(kRoot);
  std::vector<IncludeRule> table_ = parse_include_table(read_text(kRoot / "tests/tidy/include_table.txt"));
};

std::string listed(const std::vector<Complaint>& complaints) {
  std::string text;
  for (const auto& complaint : complaints) text += to_string(complaint) + "\n";
  return text;
}

TEST_F(Tree, IsFound) {
  EXPECT_GT(sources_.size(), 100U);
  EXPECT_GT(table_.size(), 8U);
}

TEST_F(Tree, KeepsTheRules) {
  std::vector<Complaint> all;
  for (const auto& found : {check_includes(sources_, table_), check_file_sizes(sources_),
                            check_function_sizes(sources_), check_banned(sources_)}) {
    all.insert(all.end(), found.begin(), found.end());
  }
  const auto exceptions = parse_exceptions(read_text(kRoot / "tests/tidy/exceptions.txt"));
  EXPECT_EQ(listed(without_exceptions(all, exceptions)), "");
}

TEST_F(Tree, HasEveryFolderOfTheTable) {
  for (const auto& rule : table_) EXPECT_TRUE(std::filesystem::is_directory(kRoot / rule.folder)) << rule.folder;
}

}  // namespace
}  // namespace sounder::tidy
