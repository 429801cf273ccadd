#include "client/loop.h"

#include <boost/asio/detail/signal_blocker.hpp>
#include <utility>

namespace sounder::client::detail {

Loop::Loop() : context_(std::make_shared<boost::asio::io_context>(1)), work_(context_->get_executor()) {
  // A new thread has the mask of the one that starts it: the program's signals are for the program's threads.
  boost::asio::detail::signal_blocker blocked;
  thread_ = std::thread([context = context_] { context->run(); });
}

Loop::~Loop() {
  work_.reset();
  if (thread_.get_id() == std::this_thread::get_id()) {
    thread_.detach();
  } else {
    thread_.join();
  }
}

}  // namespace sounder::client::detail
