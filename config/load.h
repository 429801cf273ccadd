/// YAML in, checked Settings out, or every mistake at once.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "config/settings.h"

namespace sounder::config {

/// One mistake: where it is, what is wrong, and what is allowed. Lines and columns count from 1; 0: the whole file.
struct Diagnostic {
  std::string file;
  std::size_t line = 0;
  std::size_t column = 0;
  std::string what;

  /// "sounder.yaml:7:13: interval: 5ms is too short; allowed is 10ms to 1h"
  [[nodiscard]] std::string message() const;
};

struct LoadResult {
  std::optional<Settings> settings;  ///< set if and only if `errors` is empty
  std::vector<Diagnostic> errors;
  std::vector<Diagnostic> warnings;
  Sources sources;  ///< also of a configuration that is refused, so that its repair can be noticed

  /// All errors, a line each.
  [[nodiscard]] std::string error_text() const;
};

/// Reads `path` and all that it names. Blocks on files: run it on a worker. Never throws.
[[nodiscard]] LoadResult load(const std::filesystem::path& path);

/// A stamp of `sources` as they are now: names, sizes and modification times of the files and of what the globs match.
/// It differs from `sources.stamp` if and only if something changed since, or while, they were read. Reads no contents;
/// blocks on the file system. Never throws.
[[nodiscard]] std::string fingerprint(const Sources& sources);

}  // namespace sounder::config
