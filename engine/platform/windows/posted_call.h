/// A call that is queued on a loop behind everything that is there already, without allocating.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <functional>
#include <memory>

namespace sounder::platform::windows {

/// post() may be called from any thread; the handler runs on the executor's.
class PostedCall {
 public:
  PostedCall(boost::asio::any_io_executor executor, std::function<void()> handler);
  /// As close().
  ~PostedCall();
  PostedCall(const PostedCall&) = delete;
  PostedCall& operator=(const PostedCall&) = delete;

  /// The handler will run once more. Nothing more is queued where a call is already.
  void post();
  /// On the executor's thread, or while that does not run: the handler never runs again.
  void close();

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace sounder::platform::windows
