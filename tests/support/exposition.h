/// A scrape, taken apart: text format 0.0.4 as a list of samples.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sounder::testing {

using LabelSet = std::map<std::string, std::string>;

struct Sample {
  std::string name;
  LabelSet labels;
  double value = 0;
};

/// Everything that a scrape holds, and sums over it.
class Exposition {
 public:
  /// Throws std::runtime_error at a line that is neither a comment nor a sample.
  static Exposition parse(std::string_view text);

  [[nodiscard]] const std::vector<Sample>& samples() const { return samples_; }
  /// All samples of `name` whose labels include `labels`.
  [[nodiscard]] std::vector<Sample> select(std::string_view name, const LabelSet& labels = {}) const;
  /// Their sum; 0 if there is none.
  [[nodiscard]] double sum(std::string_view name, const LabelSet& labels = {}) const;
  /// The only one of them; empty if there is none or are several.
  [[nodiscard]] std::optional<double> value(std::string_view name, const LabelSet& labels = {}) const;

 private:
  std::vector<Sample> samples_;
};

}  // namespace sounder::testing
