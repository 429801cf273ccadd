#include "config/load.h"

#include <exception>
#include <set>

#include "config/disk_files.h"
#include "config/loader.h"

namespace sounder::config {

namespace {

namespace fs = std::filesystem;

/// The file system of load_text(): one file.
class OneText final : public FileSource {
 public:
  explicit OneText(const std::string& text) : text_(text) {}

  [[nodiscard]] base::Result<std::string> read(const fs::path& /*path*/) override { return text_; }
  [[nodiscard]] std::vector<fs::path> matches(const fs::path& /*glob*/) override { return {}; }
  [[nodiscard]] std::string stamp(const fs::path& /*path*/) override { return {}; }

 private:
  const std::string& text_;
};

}  // namespace

LoadResult load_from(FileSource& source, const fs::path& path) {
  try {
    return Loader(source).run(path);
  } catch (const std::exception& exception) {  // no memory, or a path that the system can't hold
    return {std::nullopt,
            {{path.generic_string(), 0, 0, std::string("cannot be loaded: ") + exception.what()}},
            {},
            {{path}, {}, {}}};
  }
}

LoadResult load(const fs::path& path) {
  DiskFiles files;
  return load_from(files, path);
}

LoadResult load_text(const std::string& text, const std::string& name) {
  OneText source(text);
  return load_from(source, name);
}

std::string fingerprint(const Sources& sources) {
  try {
    DiskFiles files;
    std::set<std::string> stamps;
    for (const auto& path : sources.files) stamps.insert(files.stamp(path));
    for (const auto& glob : sources.globs) {
      for (const auto& path : files.matches(glob)) stamps.insert(files.stamp(path));
    }
    return combined_stamp(stamps);
  } catch (const std::exception& exception) {
    return exception.what();  // differs from every stamp, so that load() is asked and says what is wrong
  }
}

}  // namespace sounder::config
