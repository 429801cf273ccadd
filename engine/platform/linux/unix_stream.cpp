#include "engine/platform/linux/unix_stream.h"

#include <sys/ioctl.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <boost/asio/post.hpp>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <optional>
#include <system_error>
#include <utility>

#include "engine/base/check.h"
#include "engine/platform/linux/fork_guard.h"

namespace sounder::platform {

namespace {

/// unix(7): SCM_MAX_FD.
constexpr std::size_t kMostDescriptors = 253;

/// Of the kernel's structures for a pair of connected sockets and their file (measured on Linux 6.18: 5.4 KB).
constexpr std::size_t kConnectionBytes = 5632;

/// Neither bytes nor an end: there is nothing at present.
struct Received {
  std::size_t bytes = 0;
  std::optional<io::StreamEnd> end;
};

/// Closes every descriptor that came; whether there were any.
bool close_descriptors(msghdr& message) {
  bool any = (message.msg_flags & MSG_CTRUNC) != 0;
  for (cmsghdr* part = CMSG_FIRSTHDR(&message); part != nullptr; part = CMSG_NXTHDR(&message, part)) {
    if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS) continue;
    any = true;
    const std::size_t count = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < count; ++i) {
      int fd = -1;
      std::memcpy(&fd, CMSG_DATA(part) + i * sizeof(int), sizeof(int));
      const FileDescriptor closed(fd);
    }
  }
  return any;
}

/// Every socket that asks for the same is granted the same (socket(7)), so one is asked.
std::size_t granted_buffer(int fd) {
  int granted = 0;
  socklen_t size = sizeof(granted);
  getsockopt(fd, SOL_SOCKET, SO_SNDBUF, &granted, &size);
  return static_cast<std::size_t>(granted);
}

Received receive(StreamCalls& calls, int fd, std::span<std::byte> buffer) {
  alignas(cmsghdr) std::array<std::byte, CMSG_SPACE(kMostDescriptors * sizeof(int))> control;  // NOLINT: filled by it
  ssize_t size = 0;
  msghdr message{};
  iovec part{buffer.data(), buffer.size()};
  do {
    message = {};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    size = calls.receive(fd, message);
  } while (size < 0 && errno == EINTR);
  if (size < 0 && (errno == EAGAIN || errno == ENOBUFS || errno == ENOMEM)) return {};
  if (size < 0) return {.bytes = 0, .end = io::StreamEnd::kReset};
  if (close_descriptors(message)) return {.bytes = 0, .end = io::StreamEnd::kForbidden};
  if (size == 0) return {.bytes = 0, .end = io::StreamEnd::kEndOfStream};
  return {.bytes = static_cast<std::size_t>(size), .end = std::nullopt};
}

}  // namespace

/// What the handlers of the executor touch; they may outlive the stream in its queue.
struct UnixStream::State final : ReadinessListener, std::enable_shared_from_this<State> {
  State(FileDescriptor its_fd, const boost::asio::any_io_executor& its_executor, StreamCalls& system)
      : calls(system), executor(its_executor), fd(std::move(its_fd)) {}

  void on_readable() override;
  void on_writable() override;
  void read_some();
  void read_later();
  bool read_once();
  void cut_off(bool by_error);
  void end(io::StreamEnd why);
  void close();
  /// False if the stream went meanwhile.
  template <class Call>
  bool run(const Call& call);

  StreamCalls& calls;
  boost::asio::any_io_executor executor;
  FileDescriptor fd;
  std::unique_ptr<Readiness> readiness;
  Handlers handlers;
  std::size_t capacity = 0;
  bool started = false;
  bool open = true;
  bool running = false;  ///< a handler of ours is being called, so that it can't be destroyed
  bool blocked = false;  ///< write() took less than it was given
  /// Nothing can be sent any more; so much has arrived that is still to be read before the end.
  std::optional<std::size_t> left;
  bool reset = false;  ///< an error cut it off
  std::optional<ForkGuard> guard;
};

template <class Call>
bool UnixStream::State::run(const Call& call) {
  running = true;
  call();
  running = false;
  if (!open) handlers = {};
  return open;
}

void UnixStream::State::close() {
  open = false;
  guard.reset();
  readiness.reset();
  const FileDescriptor closed = std::move(fd);
  if (!running) handlers = {};
}

void UnixStream::State::end(io::StreamEnd why) {
  const Handlers last = std::exchange(handlers, {});
  close();
  if (last.ended) last.ended(why);
}

void UnixStream::State::on_readable() {
  if (open) read_some();
}

void UnixStream::State::on_writable() {
  if (!open || !std::exchange(blocked, false)) return;
  run([&] {
    if (handlers.writable) handlers.writable();
  });
}

/// As much as one turn may have.
void UnixStream::State::read_some() {
  for (int reads = 0; reads < kReadsPerTurn; ++reads) {
    if (!read_once()) return;
  }
  if (left) read_later();
}

void UnixStream::State::read_later() {
  boost::asio::post(executor, [self = shared_from_this()] {
    if (self->open && self->started) self->read_some();
  });
}

/// False if there is nothing more to read now, or ever.
bool UnixStream::State::read_once() {
  std::array<std::byte, kReadSize> buffer;  // NOLINT(cppcoreguidelines-pro-type-member-init): filled by the kernel
  Received received;
  if (!left || *left > 0) received = receive(calls, fd.get(), buffer);
  const bool drained = received.bytes == 0 && !received.end;
  if (drained && !left) return false;
  if (drained || received.end) {
    end(reset ? io::StreamEnd::kReset : received.end.value_or(io::StreamEnd::kEndOfStream));
    return false;
  }
  if (left) *left -= std::min(*left, received.bytes);
  const bool lives = run([&] {
    if (handlers.bytes) handlers.bytes(std::span(buffer).first(received.bytes));
  });
  return lives && (received.bytes == buffer.size() || left);
}

/// The reading side tells of the end, after what has arrived. Where that side would not end, since the peer has only
/// ceased to read, it does so after what has arrived until now.
void UnixStream::State::cut_off(bool by_error) {
  int unread = 0;
  if (ioctl(fd.get(), FIONREAD, &unread) != 0) unread = 0;
  left = static_cast<std::size_t>(unread);
  reset = by_error;
  read_later();
}

UnixStream::UnixStream(std::shared_ptr<State> state, std::chrono::nanoseconds made)
    : made_(made), state_(std::move(state)) {}

base::Result<std::unique_ptr<UnixStream>> UnixStream::adopt(FileDescriptor fd,
                                                            const boost::asio::any_io_executor& executor, ReadySet* set,
                                                            StreamCalls& calls) {
  const int wanted = kSendBuffer;
  setsockopt(fd.get(), SOL_SOCKET, SO_SNDBUF, &wanted, sizeof(wanted));
  static const std::size_t kGranted = granted_buffer(fd.get());
  auto readiness = set != nullptr ? set->watch(fd.get()) : watch_alone(fd.get(), executor);
  if (!readiness) return tl::unexpected(readiness.error());
  auto state = std::make_shared<State>(std::move(fd), executor, calls);
  state->readiness = std::move(*readiness);
  state->capacity = kGranted + 2 * kPiece + kConnectionBytes;
  timespec now{};
  clock_gettime(CLOCK_BOOTTIME, &now);
  const auto made = std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
  return std::unique_ptr<UnixStream>(new UnixStream(std::move(state), made));  // NOLINT: its constructor is private
}

UnixStream::~UnixStream() {
  if (state_->open) state_->close();
}

void UnixStream::start(Handlers handlers) {
  SOUNDER_CHECK(!state_->started);
  state_->started = true;
  state_->handlers = std::move(handlers);
  if (!state_->readiness->start(state_)) return state_->cut_off(true);
  if (state_->blocked) state_->readiness->want_writable();
}

std::size_t UnixStream::write(std::span<const std::byte> bytes) {
  State& state = *state_;
  std::size_t taken = 0;
  while (state.open && !state.left && taken < bytes.size()) {
    const auto piece = bytes.subspan(taken, std::min(kPiece, bytes.size() - taken));
    const ssize_t sent = state.calls.send(fd(), piece);
    if (sent >= 0) {
      taken += static_cast<std::size_t>(sent);
      continue;
    }
    if (errno == EINTR) continue;
    if (errno != EAGAIN && errno != ENOBUFS && errno != ENOMEM) {
      state.cut_off(errno != EPIPE);
      return taken;
    }
    if (!std::exchange(state.blocked, true) && state.started) state.readiness->want_writable();
    return taken;
  }
  return taken;
}

std::size_t UnixStream::capacity() const { return state_->capacity; }

void UnixStream::end_in_children() {
  if (state_->open) state_->guard.emplace(fd());
}

int UnixStream::fd() const { return state_->fd.get(); }

}  // namespace sounder::platform
