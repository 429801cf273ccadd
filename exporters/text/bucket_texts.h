/// The `le` labels of a histogram, made once for all targets that have the same bounds.
#pragma once

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "engine/probe/target_spec.h"

namespace sounder::exporters::text {

class BucketTexts {
 public:
  /// One text for each bound, ready to follow the target's labels (series_writer.h), and one for +Inf. The options are
  /// kept alive by the caller for as long as this object lives; null gives +Inf alone.
  [[nodiscard]] const std::vector<std::string>& of(const probe::ProbeOptions* options);

 private:
  /// Different options in one configuration that are remembered; beyond these all are made anew. A configuration has
  /// one a group as a rule.
  static constexpr std::size_t kMaxRemembered = 1024;

  std::unordered_map<const probe::ProbeOptions*, std::vector<std::string>> texts_;
  const probe::ProbeOptions* last_ = nullptr;
  const std::vector<std::string>* last_texts_ = nullptr;
};

}  // namespace sounder::exporters::text
