#include "engine/platform/windows/network_watch.h"

#include <boost/asio/steady_timer.hpp>
#include <boost/system/error_code.hpp>
#include <optional>
#include <utility>

#include "engine/platform/windows/network_follower.h"
#include "engine/platform/windows/posted_call.h"

namespace sounder::platform::windows {

namespace {

class Watch : public std::enable_shared_from_this<Watch> {
 public:
  Watch(const boost::asio::any_io_executor& executor, std::unique_ptr<io::Clock> clock,
        std::unique_ptr<NetworkCalls> calls)
      : clock_(std::move(clock)),
        timer_(executor),
        bell_(executor, [this] { on_bell(); }),
        calls_(std::move(calls)),
        follower_(std::in_place, *calls_, [this] { bell_.post(); }) {}

  void start(io::NetworkWatch::Handler handler) {
    follower_->start(clock_->mono_now(), std::move(handler));
    arm();
  }

  /// Ends the registrations first, so that nobody rings a bell that is closed.
  void stop() {
    follower_.reset();
    calls_.reset();
    bell_.close();
    timer_.cancel();
  }

  [[nodiscard]] const io::NetworkWatchNumbers& numbers() const { return follower_->numbers(); }

 private:
  void on_bell() {
    follower_->on_notice(clock_->mono_now());
    arm();
  }

  void on_timer() {
    if (!follower_) return;
    follower_->on_deadline(clock_->mono_now());
    arm();
  }

  void arm() {
    const auto deadline = follower_->deadline();
    if (!deadline) return;
    const base::MonoTime now = clock_->mono_now();
    timer_.expires_after(*deadline > now ? *deadline - now : base::Duration::zero());
    timer_.async_wait([weak = weak_from_this()](const boost::system::error_code& error) {
      const auto self = weak.lock();
      if (!error && self) self->on_timer();
    });
  }

  std::unique_ptr<io::Clock> clock_;
  boost::asio::steady_timer timer_;
  PostedCall bell_;
  std::unique_ptr<NetworkCalls> calls_;
  std::optional<NetworkFollower> follower_;  ///< until stop()
};

class WindowsNetworkWatch final : public io::NetworkWatch {
 public:
  explicit WindowsNetworkWatch(std::shared_ptr<Watch> watch) : watch_(std::move(watch)) {}
  ~WindowsNetworkWatch() override { watch_->stop(); }

  void start(Handler handler) override { watch_->start(std::move(handler)); }
  [[nodiscard]] io::NetworkWatchNumbers numbers() const override { return watch_->numbers(); }

 private:
  std::shared_ptr<Watch> watch_;  ///< the timer's handler holds it weakly
};

}  // namespace

std::unique_ptr<io::NetworkWatch> make_network_watch(const boost::asio::any_io_executor& executor,
                                                     std::unique_ptr<io::Clock> clock,
                                                     std::unique_ptr<NetworkCalls> calls) {
  return std::make_unique<WindowsNetworkWatch>(std::make_shared<Watch>(executor, std::move(clock), std::move(calls)));
}

}  // namespace sounder::platform::windows
