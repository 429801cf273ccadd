#include "engine/platform/linux/readiness.h"

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/system/error_code.hpp>
#include <system_error>
#include <utility>

namespace sounder::platform {

namespace {

using boost::asio::posix::stream_descriptor;

class WatchedAlone final : public Readiness {
 public:
  explicit WatchedAlone(const boost::asio::any_io_executor& executor) : state_(std::make_shared<State>(executor)) {}
  ~WatchedAlone() override {
    state_->listener.reset();
    static_cast<void>(state_->descriptor.release());
  }

  base::Result<void> watch(int fd) {
    boost::system::error_code error;
    state_->descriptor.assign(fd, error);
    if (error) return base::fail("watch a descriptor", {error.value(), std::system_category()});
    return {};
  }
  bool start(std::weak_ptr<ReadinessListener> listener) override {
    state_->listener = std::move(listener);
    state_->wait_to_read();
    state_->wait_for_error();
    return true;
  }
  void want_writable() override {
    state_->descriptor.async_wait(stream_descriptor::wait_write, [state = state_](boost::system::error_code) {
      if (const auto told = state->listener.lock()) told->on_writable();
    });
  }

 private:
  /// What the handlers touch; they may outlive this in the executor's queue.
  struct State : std::enable_shared_from_this<State> {
    explicit State(const boost::asio::any_io_executor& executor) : descriptor(executor) {}

    void wait_to_read() {
      descriptor.async_wait(stream_descriptor::wait_read, [self = shared_from_this()](boost::system::error_code) {
        if (self->tell() && !self->listener.expired()) self->wait_to_read();
      });
    }
    /// A second witness beside the read that is always pending: a reset wakes this one even if that should be missing.
    void wait_for_error() {
      descriptor.async_wait(stream_descriptor::wait_error,
                            [self = shared_from_this()](boost::system::error_code) { self->tell(); });
    }
    bool tell() {
      const auto told = listener.lock();
      if (told) told->on_readable();
      return told != nullptr;
    }

    stream_descriptor descriptor;
    std::weak_ptr<ReadinessListener> listener;  ///< nobody once this is not watched any more
  };

  std::shared_ptr<State> state_;
};

}  // namespace

base::Result<std::unique_ptr<Readiness>> watch_alone(int fd, const boost::asio::any_io_executor& executor) {
  auto watched = std::make_unique<WatchedAlone>(executor);
  if (auto done = watched->watch(fd); !done) return tl::unexpected(done.error());
  return watched;
}

}  // namespace sounder::platform
