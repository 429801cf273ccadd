/// The network of this host as it is, for all who follow it: the engine, the target feed, the metrics.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <span>

#include "engine/base/log.h"
#include "engine/base/result.h"
#include "engine/base/time.h"
#include "engine/io/clock.h"
#include "engine/io/network_watch.h"
#include "engine/net/change_list.h"
#include "engine/net/paths.h"
#include "engine/net/state.h"
#include "exporters/daemon_status.h"

namespace sounder::app {

/// Who is told, on the service thread.
struct NetworkFollowers {
  std::function<void(std::shared_ptr<const net::Paths>)> paths;  ///< ProbeLoop::publish_paths
  std::function<void()> interfaces;                              ///< one has come, gone or changed
  /// There are new changes in NetworkFeed::changes(), and whether the system has lost count of some before them. Empty:
  /// no list is kept.
  std::function<void(bool lost_count)> changes;
};

/// Service thread. Changes seldom come alone (a link takes its addresses and routes along), so those of a short time
/// are handed on together; of a large table that never rests, so seldom that making paths of it takes a tenth of the
/// thread's time.
class NetworkFeed {
 public:
  static constexpr base::Duration kGather = std::chrono::milliseconds(20);
  static constexpr int kRestPerWork = 10;

  /// A watch that can't be had is logged, and nothing is followed: then refused sends alone tell of a lost way.
  /// References outlive the feed.
  NetworkFeed(boost::asio::io_context& service, const io::Clock& clock, base::Logger& log,
              base::Result<std::unique_ptr<io::NetworkWatch>> watch, NetworkFollowers followers);

  void start();
  /// Nobody is told anything afterwards. Idempotent.
  void stop();

  [[nodiscard]] exporters::NetworkNumbers numbers() const;
  /// All changes in their order; empty if nobody follows them.
  [[nodiscard]] const net::ChangeList& changes() const { return changes_; }

 private:
  void take(std::span<const net::WatchEvent> events);
  void take(const net::WatchEvent& event);
  void tell_changes(const net::WatchEvent& event);
  void schedule();
  void hand_on();

  const io::Clock& clock_;
  base::Logger& log_;
  NetworkFollowers followers_;
  boost::asio::steady_timer timer_;
  net::ChangeList changes_;
  net::ChangeNumber told_;  ///< the last that followers of changes know of
  net::State state_;
  bool dumped_ = false;  ///< the first dump is over: another means that notices were lost
  bool scheduled_ = false;
  bool links_changed_ = false;
  bool claimed_ = false;           ///< the paths handed on last were of a whole state
  base::MonoTime rested_until_{};  ///< not before is the next one
  std::unique_ptr<io::NetworkWatch> watch_;
};

}  // namespace sounder::app
