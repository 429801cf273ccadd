/// Files on the disk, and globs among them.
#pragma once

#include <string_view>

#include "config/file_source.h"

namespace sounder::config {

class DiskFiles final : public FileSource {
 public:
  [[nodiscard]] base::Result<std::string> read(const std::filesystem::path& path) override;
  /// Regular files only: `*` in a folder with a FIFO must not block. At most kMaxFiles + 1.
  [[nodiscard]] std::vector<std::filesystem::path> matches(const std::filesystem::path& glob) override;
  [[nodiscard]] std::string stamp(const std::filesystem::path& path) override;
};

/// Whether one part of a path matches: `*` is any number of characters, `?` one. As in a shell, a leading dot (which
/// editors give to their drafts) is matched by a dot alone.
[[nodiscard]] bool matches_part(std::string_view name, std::string_view pattern);

}  // namespace sounder::config
