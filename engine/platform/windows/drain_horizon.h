/// Up to when everything that arrived has been seen, where packets come as completions.
///
/// A completion port gives completions in their order, and only one after the other; so whether a packet is still on
/// its way can't be asked. A marker that is queued now comes behind all that have completed. When it comes back,
/// everything that had arrived by then has been seen, provided that each socket still had a receive outstanding: else
/// packets may have waited in the socket for want of one.
#pragma once

#include <array>
#include <cstddef>

#include "engine/base/time.h"

namespace sounder::platform::windows {

/// Plain numbers; no clock, no system.
class DrainHorizon {
 public:
  static constexpr std::size_t kSockets = 2;  ///< one a family
  /// The horizon is never further behind a marker, or probes would never expire where no receive can be posted. What
  /// waits for longer is as good as lost.
  static constexpr base::Duration kMostLag = std::chrono::seconds(1);

  /// Nothing of ours can have arrived before `start`.
  explicit DrainHorizon(base::MonoTime start) : horizon_(start) {}

  /// `socket` is in use: it counts from now on.
  void watch(std::size_t socket) { sockets_.at(socket).watched = true; }
  /// A receive was handed to the system.
  void posted(std::size_t socket) { ++sockets_.at(socket).outstanding; }
  /// The completion of one was seen.
  void completed(std::size_t socket);

  [[nodiscard]] bool marker_under_way() const { return marked_; }
  /// A marker was queued at `now`. One at a time.
  void marker_queued(base::MonoTime now);
  /// It came back.
  void marker_seen();

  /// Everything that arrived before this has been seen.
  [[nodiscard]] base::MonoTime horizon() const { return horizon_; }

 private:
  struct Socket {
    bool watched = false;
    std::size_t outstanding = 0;
    std::size_t at_marker = 0;     ///< outstanding when the marker was queued
    std::size_t since_marker = 0;  ///< of those, completed since
  };

  [[nodiscard]] bool all_had_one() const;

  std::array<Socket, kSockets> sockets_;
  base::MonoTime horizon_;
  base::MonoTime marked_at_{};
  bool marked_ = false;
};

}  // namespace sounder::platform::windows
