/// The answer to GET /api/v1/targets: a part of the targets as JSON.
#pragma once

#include <cstddef>

#include "engine/probe/snapshot.h"
#include "exporters/http/request_target.h"
#include "exporters/text/buffered_slices.h"

namespace sounder::exporters::http {

/// `{"total":…,"offset":…,"limit":…,"targets":[…]}`, each target's numbers read at one moment.
class TargetPage final : public text::BufferedSlices {
 public:
  TargetPage(probe::Snapshot snapshot, PageQuery query);

 private:
  /// Rendered in one turn: some tens of microseconds.
  static constexpr std::size_t kTargetsPerTurn = 32;
  static constexpr std::size_t kTargetBytes = 4096;

  void render_turn() override;
  [[nodiscard]] bool rendered_all() const override { return finished_; }

  probe::Snapshot snapshot_;
  std::size_t begin_ = 0;
  std::size_t at_ = 0;
  std::size_t end_ = 0;
  probe::TargetNumbers numbers_;
  bool finished_ = false;
};

}  // namespace sounder::exporters::http
