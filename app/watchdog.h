/// Tells the service manager that the daemon is at work, as long as the probe thread is.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>

#include "engine/base/time.h"
#include "engine/io/service_notify.h"
#include "engine/probe/snapshot.h"

namespace sounder::app {

/// Service thread. The probe thread cycles at least twice a second (runtime/probe_loop.cpp): a counter that stood still
/// for a third of the manager's interval means that it hangs, and then the manager is left to end us.
class Watchdog {
 public:
  Watchdog(boost::asio::io_context& service, io::ServiceNotify& notify, const probe::EngineNumbers& numbers);

  /// Does nothing where the manager does not watch.
  void start();
  void stop();

 private:
  void arm();
  void look();

  io::ServiceNotify& notify_;
  const probe::EngineNumbers& numbers_;
  boost::asio::steady_timer timer_;
  base::Duration period_{};
  std::uint64_t fed_at_ = 0;  ///< the cycle counter when we last told
};

}  // namespace sounder::app
