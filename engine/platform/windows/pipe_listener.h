/// The local listener over a named pipe.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "engine/base/log.h"
#include "engine/base/result.h"
#include "engine/io/local_listener.h"
#include "engine/platform/windows/handle.h"
#include "engine/platform/windows/pipe_calls.h"

namespace sounder::platform::windows {

/// Keeps instances of the pipe that wait for a client, so that there is always one: a name without any could be taken
/// by another program. Thread: the executor's, or while that does not run.
class PipeListener final : public io::LocalListener {
 public:
  /// Instances that wait. A client that finds none is told that the pipe is busy, and tries again.
  static constexpr std::size_t kWaiting = 8;
  /// For how long the system is asked for nothing where it had no room.
  static constexpr auto kPause = std::chrono::milliseconds(100);
  /// A client whom the system does not name before he has sent something has so long to do so, and so many at once.
  static constexpr auto kPatience = std::chrono::seconds(2);
  static constexpr std::size_t kMostUnnamed = 64;

  /// `descriptor` is the security descriptor of every instance; `log` and `calls` outlive the listener.
  [[nodiscard]] static base::Result<std::unique_ptr<PipeListener>> open(std::string name, LocalMemory<void> descriptor,
                                                                        const boost::asio::any_io_executor& executor,
                                                                        base::Logger& log, PipeCalls& calls);
  ~PipeListener() override;

  void start(Handler handler) override;
  [[nodiscard]] base::Result<std::unique_ptr<io::ProcessWatch>> watch_process(const io::LocalStream& stream,
                                                                              std::function<void()> exited) override;
  [[nodiscard]] io::ListenerNumbers numbers() const override;

 private:
  struct State;
  explicit PipeListener(std::shared_ptr<State> state);

  std::shared_ptr<State> state_;
};

}  // namespace sounder::platform::windows
