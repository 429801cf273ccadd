/// The daemon proves its own books: every due time has one outcome, or its probe is in flight.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstddef>
#include <cstdint>
#include <functional>

#include "engine/base/log.h"
#include "engine/probe/snapshot.h"

namespace sounder::runtime {

/// Looks at all targets over and over, some of them a turn, through the lock that any reader uses. Service thread.
class AccountingCheck {
 public:
  /// `snapshot` never gives null. `log` outlives the check.
  AccountingCheck(boost::asio::io_context& service, std::function<probe::Snapshot()> snapshot, base::Logger& log);

  void start();
  void stop() { timer_.cancel(); }

  /// Looks at the next targets; a million take 25 s at one call in kPause.
  void look();
  /// How often a target's numbers did not add up: zero, or sounder is broken.
  [[nodiscard]] std::uint64_t mismatches() const { return mismatches_; }

 private:
  static constexpr std::size_t kTargetsPerTurn = 4096;
  static constexpr std::chrono::milliseconds kPause{100};

  void check(const probe::TargetEntry& entry);

  std::function<probe::Snapshot()> snapshot_;
  base::Logger& log_;
  boost::asio::steady_timer timer_;
  probe::Snapshot under_way_;  ///< null between two rounds
  std::size_t next_ = 0;
  std::uint64_t mismatches_ = 0;
};

}  // namespace sounder::runtime
