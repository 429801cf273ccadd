#include "engine/platform/linux/process_watch.h"

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/system/error_code.hpp>
#include <cerrno>
#include <system_error>
#include <utility>

namespace sounder::platform {

namespace {

using boost::asio::posix::stream_descriptor;

class PidFdWatch final : public io::ProcessWatch {
 public:
  PidFdWatch(const boost::asio::any_io_executor& executor, std::function<void()> exited)
      : state_(std::make_shared<State>(executor, std::move(exited))) {}
  ~PidFdWatch() override {
    boost::system::error_code ignored;
    state_->open = false;
    state_->process.close(ignored);
  }

  /// pidfd_open(2): readable once the process, with all its threads, has ended.
  base::Result<void> wait(FileDescriptor process) {
    boost::system::error_code error;
    state_->process.assign(process.get(), error);
    if (error) return base::fail("watch a process", {error.value(), std::system_category()});
    static_cast<void>(process.release());
    state_->process.async_wait(stream_descriptor::wait_read,
                               [state = state_](boost::system::error_code) { State::on_exit(*state); });
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

    stream_descriptor process;
    std::function<void()> exited;
    bool open = true;
  };

  std::shared_ptr<State> state_;
};

/// The process that connected; an empty descriptor if it has ended.
base::Result<FileDescriptor> find_by_number(const UnixStream& stream, ListenerCalls& calls) {
  constexpr const char* kWhat = "watch the process of a local client";
  ucred peer{};
  if (const int error = calls.credentials(stream.fd(), peer); error != 0) {
    return base::fail(kWhat, {error, std::system_category()});
  }
  if (peer.pid == 0) return base::fail(std::string(kWhat) + ": it is of another PID namespace");
  FileDescriptor process;
  const int error = calls.open_process(peer.pid, process);
  if (error == ESRCH) return FileDescriptor();
  if (error != 0) return base::fail(kWhat, {error, std::system_category()});
  // Opened first, looked at then: whoever has the number now either is the one that was opened, or came after its end.
  const auto facts = calls.process_facts(peer.pid);
  if (!facts || facts->start > stream.made()) return FileDescriptor();
  if (facts->user != peer.uid) return base::fail(std::string(kWhat) + ": it may be another of the same number");
  return process;
}

base::Result<FileDescriptor> find_process(const UnixStream& stream, ListenerCalls& calls) {
  FileDescriptor process;
  switch (calls.peer_process(stream.fd(), process)) {
    case 0:
      return process;
    case ESRCH:
    case EINVAL:  // what kernels before 6.16 say of a process that has been reaped
      return FileDescriptor();
    default:
      return find_by_number(stream, calls);
  }
}

}  // namespace

base::Result<std::unique_ptr<io::ProcessWatch>> watch_peer(const UnixStream& stream,
                                                           const boost::asio::any_io_executor& executor,
                                                           ListenerCalls& calls, std::function<void()> exited) {
  if (stream.fd() < 0) return base::fail("watch the process of a local client: its stream has ended");
  auto process = find_process(stream, calls);
  if (!process) return tl::unexpected(process.error());
  auto watch = std::make_unique<PidFdWatch>(executor, std::move(exited));
  if (!*process) {
    watch->post();
  } else if (auto waits = watch->wait(std::move(*process)); !waits) {
    return tl::unexpected(waits.error());
  }
  return watch;
}

}  // namespace sounder::platform
