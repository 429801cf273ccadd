#include "tests/support/exposition.h"

#include <algorithm>
#include <cstdlib>
#include <stdexcept>

namespace sounder::testing {

namespace {

/// Reads one line from its front.
class Line {
 public:
  explicit Line(std::string_view text) : whole_(text), rest_(text) {}

  std::string until(char end) {
    const auto place = rest_.find(end);
    if (place == std::string_view::npos) fail();
    std::string part(rest_.substr(0, place));
    rest_.remove_prefix(place + 1);
    return part;
  }

  /// A quoted label value; the opening quote is still there.
  std::string quoted() {
    if (rest_.empty() || rest_.front() != '"') fail();
    std::string value;
    for (std::size_t i = 1; i < rest_.size(); ++i) {
      if (rest_[i] == '"') {
        rest_.remove_prefix(i + 1);
        return value;
      }
      if (rest_[i] != '\\') {
        value += rest_[i];
      } else if (++i < rest_.size()) {
        value += rest_[i] == 'n' ? '\n' : rest_[i];
      }
    }
    fail();
  }

  bool skip(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }

  double number() {
    const std::string text(rest_);
    char* end = nullptr;
    const double value = std::strtod(text.c_str(), &end);
    if (end == text.c_str() || *end != '\0') fail();
    return value;
  }

 private:
  [[noreturn]] void fail() const { throw std::runtime_error("not a sample: " + std::string(whole_)); }

  std::string_view whole_;
  std::string_view rest_;
};

Sample parse_sample(std::string_view text) {
  Sample sample;
  Line line(text);
  const auto brace = text.find('{');
  if (brace == std::string_view::npos || brace > text.find(' ')) {
    sample.name = line.until(' ');
  } else {
    sample.name = line.until('{');
    while (!line.skip('}')) {
      const std::string label = line.until('=');
      sample.labels[label] = line.quoted();
      line.skip(',');
    }
    line.skip(' ');
  }
  sample.value = line.number();
  return sample;
}

}  // namespace

Exposition Exposition::parse(std::string_view text) {
  Exposition exposition;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    const auto line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (!line.empty() && line.front() != '#') exposition.samples_.push_back(parse_sample(line));
  }
  return exposition;
}

std::vector<Sample> Exposition::select(std::string_view name, const LabelSet& labels) const {
  std::vector<Sample> found;
  for (const auto& sample : samples_) {
    const auto matches = [&](const auto& label) {
      const auto entry = sample.labels.find(label.first);
      return entry != sample.labels.end() && entry->second == label.second;
    };
    if (sample.name == name && std::all_of(labels.begin(), labels.end(), matches)) found.push_back(sample);
  }
  return found;
}

double Exposition::sum(std::string_view name, const LabelSet& labels) const {
  double total = 0;
  for (const auto& sample : select(name, labels)) total += sample.value;
  return total;
}

std::optional<double> Exposition::value(std::string_view name, const LabelSet& labels) const {
  const auto found = select(name, labels);
  return found.size() == 1 ? std::optional(found.front().value) : std::nullopt;
}

}  // namespace sounder::testing
