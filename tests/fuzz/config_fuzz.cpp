/// Any bytes as a configuration, and as a file of targets that a configuration names.
///
/// Checked besides memory safety: either there are settings or there are errors; every message has a place in a file
/// that was read; and what is accepted stays within the limits.
#include <string>
#include <utility>

#include "config/file_source.h"
#include "engine/base/check.h"
#include "engine/base/limits.h"
#include "tests/fuzz/fuzz_target.h"

namespace sounder::config {
namespace {

/// One configuration, whose only group is read from one file.
class TwoTexts final : public FileSource {
 public:
  explicit TwoTexts(std::string targets) : targets_(std::move(targets)) {}

  [[nodiscard]] base::Result<std::string> read(const std::filesystem::path& path) override {
    return path == "targets.yaml" ? targets_ : "groups: [{name: fuzz, files: targets.yaml}]";
  }
  [[nodiscard]] std::vector<std::filesystem::path> matches(const std::filesystem::path& glob) override {
    return {glob};
  }
  [[nodiscard]] std::string stamp(const std::filesystem::path& path) override { return path.string(); }

 private:
  std::string targets_;
};

void check(const LoadResult& result) {
  SOUNDER_CHECK(result.settings.has_value() == result.errors.empty());
  for (const auto& error : result.errors) {
    SOUNDER_CHECK(!error.file.empty() && !error.what.empty());
    SOUNDER_CHECK((error.line == 0) == (error.column == 0));
  }
  if (!result.settings) return;
  SOUNDER_CHECK(result.settings->targets.size() <= base::kMaxTargets);
  SOUNDER_CHECK(result.settings->totals.targets == result.settings->targets.size());
  for (const auto& target : result.settings->targets) {
    SOUNDER_CHECK(target.group && target.options && target.labels && !target.target.empty());
  }
}

}  // namespace
}  // namespace sounder::config

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(data, data + size);
  sounder::config::check(sounder::config::load_text(text, "fuzz.yaml"));
  sounder::config::TwoTexts files(text);
  sounder::config::check(sounder::config::load_from(files, "fuzz.yaml"));
  return 0;
}
