/// What a run found wrong, in words. The first few are kept; all are counted.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/time.h"

namespace sounder::sim {

class Violations {
 public:
  template <class... Args>
  void add(base::MonoTime now, fmt::format_string<Args...> format, Args&&... args) {
    ++count_;
    if (texts_.size() >= kKept) return;
    texts_.push_back(fmt::format("at {} ns: ", now.time_since_epoch().count()) +
                     fmt::format(format, std::forward<Args>(args)...));
  }
  [[nodiscard]] bool none() const { return count_ == 0; }
  [[nodiscard]] std::uint64_t count() const { return count_; }
  [[nodiscard]] std::string text() const {
    std::string all = fmt::format("{} violations\n", count_);
    for (const std::string& text : texts_) all += "  " + text + "\n";
    return all;
  }

 private:
  static constexpr std::size_t kKept = 12;
  std::uint64_t count_ = 0;
  std::vector<std::string> texts_;
};

}  // namespace sounder::sim
