/// The thread of a session that has no executor of its program's.
#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <memory>
#include <thread>

namespace sounder::client::detail {

/// Runs until it is destroyed and nothing is left to be done. Its thread takes no signals.
class Loop {
 public:
  Loop();
  /// Waits for the thread, unless it is this one, which then ends by itself.
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  [[nodiscard]] boost::asio::io_context& context() { return *context_; }

 private:
  std::shared_ptr<boost::asio::io_context> context_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  std::thread thread_;
};

}  // namespace sounder::client::detail
