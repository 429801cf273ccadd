/// What each metric of a target prints.
#pragma once

#include <span>

#include "engine/probe/snapshot.h"
#include "exporters/metrics.h"
#include "exporters/text/bucket_texts.h"
#include "exporters/text/series_writer.h"

namespace sounder::exporters::text {

/// All that a family may read of a target. A target without a record has numbers that are zero or absent.
struct TargetView {
  const probe::TargetEntry& entry;
  const probe::TargetAccounts& accounts;  ///< as all of this scrape were at its start
  const probe::TargetNumbers& numbers;    ///< as they are now; only for families with `live`
  BucketTexts& bucket_texts;
};

struct Family {
  const Metric* metric;
  bool live;  ///< reads `numbers`
  void (*render)(const TargetView& view, SeriesWriter& out);
};

/// One for each of kTargetMetrics, in the same order.
[[nodiscard]] std::span<const Family> families();

}  // namespace sounder::exporters::text
