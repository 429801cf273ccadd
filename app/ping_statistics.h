/// What ping(8) counts of one host.
#pragma once

#include <cstdint>
#include <optional>

#include "engine/base/time.h"
#include "engine/probe/events.h"

namespace sounder::app {

struct RttSummary {
  base::Duration min{};
  base::Duration avg{};
  base::Duration max{};
  base::Duration mdev{};  ///< the standard deviation, under ping's name for it
};

/// A request still under way when it is asked is not counted: nobody knows yet what becomes of it.
class PingStatistics {
 public:
  void add(const probe::Outcome& outcome);
  void add_duplicate() { ++duplicates_; }

  /// All outcomes, also of requests that could not be sent.
  [[nodiscard]] std::uint64_t outcomes() const { return outcomes_; }
  [[nodiscard]] std::uint64_t transmitted() const { return transmitted_; }
  [[nodiscard]] std::uint64_t received() const { return received_; }
  /// ICMP errors, and requests that this host did not send.
  [[nodiscard]] std::uint64_t errors() const { return errors_; }
  [[nodiscard]] std::uint64_t duplicates() const { return duplicates_; }
  [[nodiscard]] std::optional<RttSummary> rtt() const;

 private:
  std::uint64_t outcomes_ = 0;
  std::uint64_t transmitted_ = 0;
  std::uint64_t received_ = 0;
  std::uint64_t errors_ = 0;
  std::uint64_t duplicates_ = 0;
  base::Duration min_{};
  base::Duration max_{};
  double mean_ns_ = 0;
  double squares_ns_ = 0;  ///< sum of squared distances from the mean (Welford)
};

}  // namespace sounder::app
