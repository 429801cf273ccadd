/// Follows the system's tables: registers for notices, reads, compares, and reports what changed. Without clock and I/O
/// of its own.
#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <optional>
#include <vector>

#include "engine/base/time.h"
#include "engine/io/network_watch.h"
#include "engine/platform/windows/change_registration.h"
#include "engine/platform/windows/network_calls.h"

namespace sounder::platform::windows {

/// A notice says only that something changed, so the tables are read anew and compared. Many notices are one reading:
/// the first comes at once, the next ones after pauses that double for as long as changes don't end. Where any of the
/// three registrations came to nothing, the tables are read every second too, and when an address list changes.
///
/// Subscribes before it reads, each time: what changes after a table was read brings another notice.
class NetworkFollower {
 public:
  static constexpr base::Duration kShortestPause = std::chrono::milliseconds(10);
  static constexpr base::Duration kLongestPause = std::chrono::seconds(1);
  static constexpr base::Duration kPollEvery = std::chrono::seconds(1);
  /// Events that one call reports; the rest is due at once.
  static constexpr std::size_t kBatch = 256;

  /// `calls` and what `ring` uses outlive it. `ring` is called on any thread; on_notice() has to follow soon, once for
  /// any number of rings.
  NetworkFollower(NetworkCalls& calls, std::function<void()> ring) : calls_(calls), ring_(std::move(ring)) {}

  /// Registers and reports all tables, as a resync. Once.
  void start(base::MonoTime now, io::NetworkWatch::Handler handler);
  /// Something may have changed.
  void on_notice(base::MonoTime now);
  void on_deadline(base::MonoTime now);
  /// When on_deadline() is due, if it is at all. In the past where it is due at once.
  [[nodiscard]] std::optional<base::MonoTime> deadline() const;

  [[nodiscard]] const io::NetworkWatchNumbers& numbers() const { return numbers_; }

 private:
  void read(base::MonoTime now);
  void take(NetworkTables fresh);
  void report();

  NetworkCalls& calls_;
  std::function<void()> ring_;
  std::array<ChangeRegistration, kNetworkTopics.size()> registrations_;
  io::NetworkWatch::Handler handler_;
  io::NetworkWatchNumbers numbers_;

  std::optional<NetworkTables> tables_;  ///< as they were reported, or are about to be
  std::vector<net::WatchEvent> events_;  ///< of them, from reported_ on, are still to be reported
  std::size_t reported_ = 0;

  std::optional<base::MonoTime> due_;  ///< the next reading
  base::MonoTime hurried_at_{};        ///< the last reading for a notice, or the last that failed
  base::Duration pause_ = kShortestPause;
  bool noticed_ = false;  ///< since the last reading
};

}  // namespace sounder::platform::windows
