/// The table of `scripts/bench broker`: what was measured, beside what was aimed at and what others do in the same run.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace sounder::bench {

struct Row {
  std::string what;
  std::string aim;
  std::string measured;
  std::optional<bool> met;  ///< empty: a figure to compare with, without an aim
  std::string beside = {};  ///< the control, or a peer, in the same run
};

/// Prints each row as it is added, so that a long run shows where it is.
class Table {
 public:
  void begin(const std::string& title);
  void add(const Row& row);
  /// How many aims were missed so far.
  [[nodiscard]] std::size_t missed() const { return missed_; }

 private:
  std::size_t missed_ = 0;
};

/// A number with as many digits as mean something.
[[nodiscard]] std::string digits(double value);
[[nodiscard]] inline double milliseconds(std::chrono::nanoseconds time) {
  return std::chrono::duration<double, std::milli>(time).count();
}
[[nodiscard]] std::string with_unit(double value, const char* unit);

}  // namespace sounder::bench
