#include "engine/platform/windows/posted_call.h"

#include <atomic>
#include <boost/asio/bind_allocator.hpp>
#include <boost/asio/post.hpp>
#include <utility>

#include "engine/platform/windows/operation_room.h"

namespace sounder::platform::windows {

struct PostedCall::State : std::enable_shared_from_this<State> {
  State(boost::asio::any_io_executor loop, std::function<void()> call)
      : executor(std::move(loop)), handler(std::move(call)) {}

  void post() {
    boost::asio::post(executor, boost::asio::bind_allocator(RoomAllocator<std::byte>(room),
                                                            [self = shared_from_this()] { self->answer(); }));
  }

  void answer() {
    pending.exchange(false, std::memory_order_acq_rel);
    if (!closed) handler();
  }

  boost::asio::any_io_executor executor;
  std::function<void()> handler;
  std::atomic<bool> pending{false};
  bool closed = false;  ///< of the executor's thread
  OperationRoom room;
};

PostedCall::PostedCall(boost::asio::any_io_executor executor, std::function<void()> handler)
    : state_(std::make_shared<State>(std::move(executor), std::move(handler))) {}

PostedCall::~PostedCall() { close(); }

void PostedCall::post() {
  if (!state_->pending.exchange(true, std::memory_order_acq_rel)) state_->post();
}

void PostedCall::close() { state_->closed = true; }

}  // namespace sounder::platform::windows
