#include "engine/platform/linux/process_watch.h"

#include <boost/asio/post.hpp>
#include <cerrno>
#include <system_error>
#include <utility>

#include "engine/base/check.h"

namespace sounder::platform {

namespace {

class PidFdWatch final : public io::ProcessWatch {
 public:
  explicit PidFdWatch(std::function<void()> exited) : state_(std::make_shared<State>()) {
    state_->exited = std::move(exited);
  }
  ~PidFdWatch() override { state_->end(); }

  /// pidfd_open(2): readable once the process, with all its threads, has ended.
  base::Result<void> wait(FileDescriptor process, ReadySet& set) {
    auto readiness = set.watch(process.get());
    if (!readiness) return tl::unexpected(readiness.error());
    state_->process = std::move(process);
    state_->readiness = std::move(*readiness);
    SOUNDER_CHECK(state_->readiness->start(state_));  // it is in the set since this turn
    return {};
  }
  /// It has ended already.
  void post(const boost::asio::any_io_executor& executor) {
    boost::asio::post(executor, [state = state_] { state->on_readable(); });
  }

 private:
  /// What the executor's handlers touch; they may outlive the watch.
  struct State final : ReadinessListener {
    void on_readable() override {
      const auto call = std::exchange(exited, nullptr);
      end();
      if (call) call();
    }
    void on_writable() override {}
    void end() {
      exited = nullptr;
      readiness.reset();
      const FileDescriptor closed = std::move(process);
    }

    std::function<void()> exited;
    FileDescriptor process;
    std::unique_ptr<Readiness> readiness;
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
                                                           const boost::asio::any_io_executor& executor, ReadySet& set,
                                                           ListenerCalls& calls, std::function<void()> exited) {
  if (stream.fd() < 0) return base::fail("watch the process of a local client: its stream has ended");
  auto process = find_process(stream, calls);
  if (!process) return tl::unexpected(process.error());
  auto watch = std::make_unique<PidFdWatch>(std::move(exited));
  if (!*process) {
    watch->post(executor);
  } else if (auto waits = watch->wait(std::move(*process), set); !waits) {
    return tl::unexpected(waits.error());
  }
  return watch;
}

}  // namespace sounder::platform
