/// What each metric of a target prints.
#pragma once

#include <cstdint>
#include <span>

#include "engine/probe/snapshot.h"
#include "exporters/metrics.h"
#include "exporters/text/bucket_texts.h"
#include "exporters/text/series_writer.h"

namespace sounder::exporters::text {

/// What a family needs of a target beside its name and its accounts.
enum class Reads : std::uint8_t { kNothing, kState, kHistogram };

/// All that a family may read of a target. A target without a record has numbers that are zero or absent.
struct TargetView {
  const probe::TargetEntry& entry;
  const probe::TargetAccounts& accounts;  ///< as all of this scrape were at its start
  const probe::TargetNumbers& numbers;    ///< as they are now, as far as the family reads them
  BucketTexts& bucket_texts;
};

struct Family {
  const Metric* metric;
  Reads reads;
  void (*render)(const TargetView& view, SeriesWriter& out);
};

/// One for each of kTargetMetrics, in the same order.
[[nodiscard]] std::span<const Family> families();

}  // namespace sounder::exporters::text
