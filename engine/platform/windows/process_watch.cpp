#include "engine/platform/windows/process_watch.h"

#include <boost/asio/post.hpp>
#include <boost/asio/windows/object_handle.hpp>
#include <boost/system/error_code.hpp>
#include <utility>

#include "engine/platform/windows/handle.h"

namespace sounder::platform::windows {

namespace {

class HandleWatch final : public io::ProcessWatch {
 public:
  HandleWatch(const boost::asio::any_io_executor& executor, std::function<void()> exited)
      : state_(std::make_shared<State>(executor, std::move(exited))) {}
  ~HandleWatch() override {
    boost::system::error_code ignored;
    state_->open = false;
    state_->process.close(ignored);
  }

  /// A process' handle is signalled when it has ended.
  base::Result<void> wait(Handle process) {
    boost::system::error_code error;
    state_->process.assign(process.get(), error);
    if (error) return base::fail("watch a process", {error.value(), std::system_category()});
    static_cast<void>(process.release());
    state_->process.async_wait([state = state_](const boost::system::error_code&) { State::on_exit(*state); });
    return {};
  }
  /// It has ended already.
  void post() {
    boost::asio::post(state_->process.get_executor(), [state = state_] { State::on_exit(*state); });
  }

 private:
  /// What the handler touches; it may outlive the watch in the executor's queue.
  struct State {
    State(const boost::asio::any_io_executor& executor, std::function<void()> call)
        : process(executor), exited(std::move(call)) {}
    static void on_exit(State& state) {
      if (std::exchange(state.open, false)) std::exchange(state.exited, nullptr)();
    }

    boost::asio::windows::object_handle process;
    std::function<void()> exited;
    bool open = true;
  };

  std::shared_ptr<State> state_;
};

/// The process that opened the pipe; none if it has ended.
base::Result<Handle> find_process(const PipeStream& stream, PipeCalls& calls) {
  constexpr const char* kWhat = "watch the process of a local client";
  ULONG number = 0;
  DWORD error = calls.client_process(stream.handle(), number);
  if (error != ERROR_SUCCESS) return base::fail(kWhat, system_code(error));
  Handle process = calls.open_process(number, SYNCHRONIZE | PROCESS_QUERY_LIMITED_INFORMATION, error);
  if (!process) {
    if (error == ERROR_INVALID_PARAMETER) return Handle();
    return base::fail(kWhat, system_code(error));
  }
  FILETIME start{};
  error = calls.start_of(process.get(), start);
  if (error != ERROR_SUCCESS) return base::fail(kWhat, system_code(error));
  const FILETIME made = stream.made();
  if (CompareFileTime(&start, &made) > 0) return Handle();
  return process;
}

}  // namespace

base::Result<std::unique_ptr<io::ProcessWatch>> watch_client(const PipeStream& stream,
                                                             const boost::asio::any_io_executor& executor,
                                                             PipeCalls& calls, std::function<void()> exited) {
  if (stream.handle() == INVALID_HANDLE_VALUE) {
    return base::fail("watch the process of a local client: its stream has ended");
  }
  auto process = find_process(stream, calls);
  if (!process) return tl::unexpected(process.error());
  auto watch = std::make_unique<HandleWatch>(executor, std::move(exited));
  if (!*process) {
    watch->post();
  } else if (auto waits = watch->wait(std::move(*process)); !waits) {
    return tl::unexpected(waits.error());
  }
  return watch;
}

}  // namespace sounder::platform::windows
