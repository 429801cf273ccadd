/// The answer to GET /metrics: the daemon's own metrics, then those of every target.
#pragma once

#include <string>
#include <string_view>

#include "exporters/slices.h"
#include "exporters/text/target_exposition.h"

namespace sounder::exporters::http {

class Scrape final : public Slices {
 public:
  Scrape(std::string daemon, probe::Snapshot snapshot)
      : daemon_(std::move(daemon)), rest_(daemon_), targets_(std::move(snapshot)) {}

  [[nodiscard]] bool next(std::string_view& slice) override {
    if (rest_.empty()) return targets_.next(slice);
    slice = rest_.substr(0, kSliceBytes);
    rest_.remove_prefix(slice.size());
    return true;
  }

 private:
  std::string daemon_;
  std::string_view rest_;  ///< of daemon_, not handed out yet
  text::TargetExposition targets_;
};

}  // namespace sounder::exporters::http
