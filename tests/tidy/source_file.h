/// The tree's own sources as text.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace sounder::tidy {

struct SourceFile {
  std::string path;  ///< from the root of the tree, with slashes
  std::string text;
};

/// All .h and .cpp files of the tree that are ours, in the order of their paths; builds are left out.
[[nodiscard]] std::vector<SourceFile> read_sources(const std::filesystem::path& root);

[[nodiscard]] std::string read_text(const std::filesystem::path& file);

/// `text` with comments and what stands between quotes blanked out; every line and column stays where it was.
[[nodiscard]] std::string code_only(std::string_view text);

/// Of a name or a number of C++.
[[nodiscard]] bool is_word(char letter);

/// Counts from 1.
[[nodiscard]] std::size_t line_of(std::string_view text, std::size_t offset);

[[nodiscard]] std::vector<std::string_view> lines_of(std::string_view text);

/// Parts between spaces and tabs.
[[nodiscard]] std::vector<std::string_view> words_of(std::string_view text);

}  // namespace sounder::tidy
