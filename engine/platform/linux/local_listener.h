/// The local listener over a Unix socket.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <memory>

#include "engine/base/log.h"
#include "engine/base/result.h"
#include "engine/io/local_listener.h"
#include "engine/platform/linux/listener_calls.h"
#include "engine/platform/linux/ready_set.h"
#include "engine/platform/linux/socket_place.h"

namespace sounder::platform {

/// Thread: the executor's, or while that does not run.
class UnixListener final : public io::LocalListener {
 public:
  /// For how long nobody is accepted where descriptors or memory have run out. The kernel says that clients wait, not
  /// that there is room for them again.
  static constexpr auto kPause = std::chrono::milliseconds(100);

  /// `set` is of the same executor. `calls` and `log` outlive it.
  UnixListener(SocketPlace place, const boost::asio::any_io_executor& executor, std::shared_ptr<ReadySet> set,
               ListenerCalls& calls, base::Logger& log);
  ~UnixListener() override;

  void start(Handler handler) override;
  [[nodiscard]] base::Result<std::unique_ptr<io::ProcessWatch>> watch_process(const io::LocalStream& stream,
                                                                              std::function<void()> exited) override;
  [[nodiscard]] io::ListenerNumbers numbers() const override;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace sounder::platform
