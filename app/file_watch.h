/// Notices that a file of the configuration changed, by looking at it every few seconds: unlike notices of the kernel
/// that works on every file system, and for files that are replaced, linked or not there yet.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <string>

#include "app/reload.h"
#include "engine/base/time.h"
#include "engine/runtime/workers.h"

namespace sounder::app {

/// Service thread; the looking itself happens on a worker. References outlive the watch, or workers.stop().
class FileWatch {
 public:
  static constexpr base::Duration kPeriod = std::chrono::seconds(5);

  FileWatch(boost::asio::io_context& service, runtime::Workers& workers, Reloader& reloader,
            base::Duration period = kPeriod);

  void start();
  void stop();

 private:
  void look();
  void on_stamp(const std::string& seen_before, const std::string& stamp);

  boost::asio::steady_timer timer_;
  runtime::Workers& workers_;
  Reloader& reloader_;
  base::Duration period_;
};

}  // namespace sounder::app
