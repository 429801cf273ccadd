/// The metrics of all targets in the text format 0.0.4, streamed straight from the engine's numbers.
#pragma once

#include <cstddef>
#include <vector>

#include "engine/probe/snapshot.h"
#include "exporters/text/buffered_slices.h"
#include "exporters/text/families.h"
#include "exporters/text/series_writer.h"

namespace sounder::exporters::text {

/// One scrape of one snapshot. The format wants every metric's series together, so a target's are printed far apart in
/// time. The counters that must add up (due, outcomes, in flight) are therefore taken of every target before the first
/// line; all others are read when they are printed, each histogram at one moment.
///
/// Holds 64 bytes a target and one slice. One thread at a time; keeps the snapshot alive.
class TargetExposition final : public BufferedSlices {
 public:
  explicit TargetExposition(probe::Snapshot snapshot);

 private:
  /// Targets whose counters are taken in one turn, and targets that are looked at in one turn even if they print
  /// nothing: a fraction of a millisecond either way.
  static constexpr std::size_t kAccountsPerTurn = 4096;
  static constexpr std::size_t kTargetsPerTurn = 2048;
  /// What one target's histogram takes with ordinary labels; more than that makes the buffer grow once.
  static constexpr std::size_t kBlockBytes = 8192;

  void render_turn() override;
  [[nodiscard]] bool rendered_all() const override { return family_ == families().size(); }
  void take_accounts();
  void render_series();
  void render_header(const Metric& metric);
  void render_target(const Family& family);

  probe::Snapshot snapshot_;
  std::vector<probe::TargetAccounts> accounts_;
  std::size_t family_ = 0;
  std::size_t target_ = 0;
  probe::TargetNumbers numbers_;
  BucketTexts bucket_texts_;
  SeriesWriter series_;
};

}  // namespace sounder::exporters::text
