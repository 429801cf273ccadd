/// How often one cause may be logged. Sans I/O: the time is passed in.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/time.h"

namespace sounder::app {

/// Lines of one event within a window beyond the first few are counted instead of written, so that ten thousand targets
/// that go down at once leave a readable log.
///
/// Events are constants of the program (base::Logger), which bounds the memory. Not safe across threads.
class LogLimit {
 public:
  static constexpr std::uint64_t kLinesPerWindow = 20;
  static constexpr base::Duration kWindow = std::chrono::seconds(10);

  /// Whether a line of `event` is to be written now.
  [[nodiscard]] bool admit(std::string_view event, base::MonoTime now);
  /// Whether admit() would; if not, the line is counted as left out already.
  [[nodiscard]] bool would_admit(std::string_view event, base::MonoTime now);

  /// The events whose window has ended with lines left out, and how many; each is told once.
  [[nodiscard]] std::vector<std::pair<std::string, std::uint64_t>> take_suppressed(base::MonoTime now);

 private:
  struct Window {
    base::MonoTime begin{};
    std::uint64_t written = 0;
    std::uint64_t suppressed = 0;
  };

  [[nodiscard]] Window& window_of(std::string_view event, base::MonoTime now);

  std::map<std::string, Window, std::less<>> windows_;
};

}  // namespace sounder::app
