/// Where the text of a configuration comes from: the disk, or a test.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "config/load.h"
#include "engine/base/result.h"

namespace sounder::config {

class FileSource {
 public:
  FileSource() = default;
  FileSource(const FileSource&) = delete;
  FileSource& operator=(const FileSource&) = delete;
  virtual ~FileSource() = default;

  /// The whole text, at most kMaxFileBytes.
  [[nodiscard]] virtual base::Result<std::string> read(const std::filesystem::path& path) = 0;
  /// The files that a glob matches, in the order of their names.
  [[nodiscard]] virtual std::vector<std::filesystem::path> matches(const std::filesystem::path& glob) = 0;
  /// Changes whenever the file does; never fails: a file that is missing has a stamp too.
  [[nodiscard]] virtual std::string stamp(const std::filesystem::path& path) = 0;
};

/// What load() does after it chose the disk. Never throws.
[[nodiscard]] LoadResult load_from(FileSource& source, const std::filesystem::path& path);

/// Loads a text that stands for a file called `name`; touches no file, and every glob matches nothing.
[[nodiscard]] LoadResult load_text(const std::string& text, const std::string& name);

}  // namespace sounder::config
