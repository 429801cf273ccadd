#include "engine/platform/linux/local_listener.h"

#include <algorithm>
#include <boost/system/error_code.hpp>
#include <cerrno>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "engine/base/check.h"
#include "engine/base/limits.h"
#include "engine/platform/linux/process_watch.h"
#include "engine/platform/linux/unix_stream.h"
#include "engine/platform/local_stream.h"
#include "engine/platform/platform.h"

namespace sounder::platform {

namespace {

using boost::asio::posix::stream_descriptor;

/// Whether accept(2) failed because of this one client, so that the next may fare better; not for want of descriptors
/// or memory, nor for anything that nobody foresaw.
bool is_of_one_client(int error) { return error == ECONNABORTED || error == EPERM; }

base::Result<io::Credentials> credentials_of(int fd, ListenerCalls& calls) {
  ucred peer{};
  if (const int error = calls.credentials(fd, peer); error != 0) {
    return base::fail("ask who a local client is", {error, std::system_category()});
  }
  std::vector<gid_t> groups;
  // A kernel without it (before 4.13) tells the primary group alone.
  if (const int error = calls.groups(fd, groups); error != 0 && error != ENOPROTOOPT) {
    return base::fail("ask for the groups of a local client", {error, std::system_category()});
  }
  if (std::find(groups.begin(), groups.end(), peer.gid) == groups.end()) groups.push_back(peer.gid);
  io::Credentials credentials;
  credentials.user = std::to_string(peer.uid);
  for (const gid_t group : groups) credentials.groups.push_back(std::to_string(group));
  credentials.administrator = peer.uid == 0;
  credentials.process = static_cast<std::uint64_t>(peer.pid);
  return credentials;
}

}  // namespace

/// What the handlers of the executor touch; they may outlive the listener in its queue.
struct UnixListener::State : std::enable_shared_from_this<State> {
  State(SocketPlace taken, const boost::asio::any_io_executor& loop, std::shared_ptr<ReadySet> watched,
        ListenerCalls& system, base::Logger& logger)
      : executor(loop),
        set(std::move(watched)),
        calls(system),
        log(logger),
        place(std::move(taken)),
        waiter(loop, place->fd()),
        pause(loop) {}

  void wait();
  void wait_a_while();
  /// How the next client is come by.
  enum class Next { kAtOnce, kWhenOneComes, kAfterAWhile };
  Next accept_one();
  void accept_some();
  [[nodiscard]] base::Result<io::LocalClient> admit(FileDescriptor fd);
  void note(const base::Error& error);

  boost::asio::any_io_executor executor;
  std::shared_ptr<ReadySet> set;  ///< of the clients' streams and processes
  ListenerCalls& calls;
  base::Logger& log;
  std::optional<SocketPlace> place;  ///< until the end
  stream_descriptor waiter;          ///< on the place's descriptor, which remains that one's
  boost::asio::steady_timer pause;
  Handler handler;
  io::ListenerNumbers numbers;
};

void UnixListener::State::wait() {
  waiter.async_wait(stream_descriptor::wait_read, [self = shared_from_this()](boost::system::error_code) {
    if (self->place) self->accept_some();
  });
}

void UnixListener::State::wait_a_while() {
  pause.expires_after(kPause);
  pause.async_wait([self = shared_from_this()](boost::system::error_code) {
    if (self->place) self->wait();
  });
}

void UnixListener::State::accept_some() {
  Next next = Next::kAtOnce;
  for (std::size_t count = 0; count < base::kAcceptsPerTurn && next == Next::kAtOnce; ++count) {
    next = accept_one();
    if (!place) return;
  }
  next == Next::kAfterAWhile ? wait_a_while() : wait();
}

UnixListener::State::Next UnixListener::State::accept_one() {
  FileDescriptor fd;
  const int error = calls.accept(place->fd(), fd);
  if (error == EINTR) return Next::kAtOnce;
  if (error == EAGAIN) return Next::kWhenOneComes;
  if (error != 0) {
    note({"accept a local client", std::error_code(error, std::system_category())});
    return is_of_one_client(error) ? Next::kAtOnce : Next::kAfterAWhile;
  }
  auto client = admit(std::move(fd));
  if (client) {
    // The listener may go in there.
    const Handler call = handler;
    call(std::move(*client));
  } else {
    note(client.error());
  }
  return Next::kAtOnce;
}

base::Result<io::LocalClient> UnixListener::State::admit(FileDescriptor fd) {
  auto credentials = credentials_of(fd.get(), calls);
  if (!credentials) return tl::unexpected(credentials.error());
  auto stream = UnixStream::adopt(std::move(fd), executor, set.get());
  if (!stream) return tl::unexpected(stream.error());
  return io::LocalClient{std::move(*credentials), std::move(*stream)};
}

void UnixListener::State::note(const base::Error& error) {
  ++numbers.accept_errors;
  log.warning("a local client could not be accepted", {{"reason", error.message()}});
}

UnixListener::UnixListener(SocketPlace place, const boost::asio::any_io_executor& executor,
                           std::shared_ptr<ReadySet> set, ListenerCalls& calls, base::Logger& log)
    : state_(std::make_shared<State>(std::move(place), executor, std::move(set), calls, log)) {}

UnixListener::~UnixListener() {
  static_cast<void>(state_->waiter.release());
  state_->pause.cancel();
  state_->place.reset();
  state_->handler = nullptr;
}

void UnixListener::start(Handler handler) {
  SOUNDER_CHECK(!state_->handler);
  state_->handler = std::move(handler);
  state_->wait();
}

base::Result<std::unique_ptr<io::ProcessWatch>> UnixListener::watch_process(const io::LocalStream& stream,
                                                                            std::function<void()> exited) {
  const auto* ours = dynamic_cast<const UnixStream*>(&stream);
  SOUNDER_CHECK(ours != nullptr);
  return watch_peer(*ours, state_->executor, *state_->set, state_->calls, std::move(exited));
}

io::ListenerNumbers UnixListener::numbers() const { return state_->numbers; }

base::Result<std::unique_ptr<io::LocalListener>> open_local_listener(const LocalListenerConfig& config,
                                                                     const boost::asio::any_io_executor& executor,
                                                                     base::Logger& log) {
  const std::string path = config.name.empty() ? default_local_name() : config.name;
  auto place = SocketPlace::take(path, {static_cast<mode_t>(config.mode), config.group});
  if (!place) return tl::unexpected(place.error());
  auto set = ReadySet::open(executor);
  if (!set) return tl::unexpected(set.error());
  return std::make_unique<UnixListener>(std::move(*place), executor, std::move(*set), ListenerCalls::system(), log);
}

}  // namespace sounder::platform
