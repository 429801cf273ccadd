#include "exporters/text/bucket_texts.h"

#include <array>

#include "exporters/text/number.h"
#include "exporters/text/series_writer.h"

namespace sounder::exporters::text {
namespace {

std::vector<std::string> make_texts(const probe::ProbeOptions* options) {
  std::vector<std::string> texts;
  if (options != nullptr) {
    for (const base::Duration bound : options->buckets) {
      std::array<char, kMaxNumber> number{};
      const char* end = write_value(number.data(), base::to_seconds(bound));
      texts.push_back(last_label("le", {number.data(), static_cast<std::size_t>(end - number.data())}));
    }
  }
  texts.push_back(last_label("le", "+Inf"));
  return texts;
}

}  // namespace

const std::vector<std::string>& BucketTexts::of(const probe::ProbeOptions* options) {
  if (last_texts_ != nullptr && last_ == options) return *last_texts_;
  if (texts_.size() == kMaxRemembered) texts_.clear();
  const auto [at, is_new] = texts_.try_emplace(options);
  if (is_new) at->second = make_texts(options);
  last_ = options;
  last_texts_ = &at->second;
  return *last_texts_;
}

}  // namespace sounder::exporters::text
