#include "engine/platform/linux/unix_stream.h"

#include <sys/ioctl.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/system/error_code.hpp>
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

using boost::asio::posix::stream_descriptor;

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
struct UnixStream::State : std::enable_shared_from_this<State> {
  State(const boost::asio::any_io_executor& executor, StreamCalls& system) : calls(system), descriptor(executor) {}

  void wait_to_read();
  void wait_to_write();
  void wait_for_error();
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
  stream_descriptor descriptor;
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
  boost::system::error_code ignored;
  descriptor.close(ignored);
  if (!running) handlers = {};
}

void UnixStream::State::end(io::StreamEnd why) {
  const Handlers last = std::exchange(handlers, {});
  close();
  if (last.ended) last.ended(why);
}

void UnixStream::State::wait_to_read() {
  descriptor.async_wait(stream_descriptor::wait_read, [self = shared_from_this()](boost::system::error_code) {
    if (!self->open) return;
    self->read_some();
    if (self->open) self->wait_to_read();
  });
}

/// A second witness beside the read that is always pending: a reset wakes this one even if that should be missing.
void UnixStream::State::wait_for_error() {
  descriptor.async_wait(stream_descriptor::wait_error, [self = shared_from_this()](boost::system::error_code) {
    if (self->open) self->read_some();
  });
}

void UnixStream::State::wait_to_write() {
  descriptor.async_wait(stream_descriptor::wait_write, [self = shared_from_this()](boost::system::error_code) {
    if (!self->open || !std::exchange(self->blocked, false)) return;
    self->run([&] {
      if (self->handlers.writable) self->handlers.writable();
    });
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
  boost::asio::post(descriptor.get_executor(), [self = shared_from_this()] {
    if (self->open && self->started) self->read_some();
  });
}

/// False if there is nothing more to read now, or ever.
bool UnixStream::State::read_once() {
  std::array<std::byte, kReadSize> buffer;  // NOLINT(cppcoreguidelines-pro-type-member-init): filled by the kernel
  Received received;
  if (!left || *left > 0) received = receive(calls, descriptor.native_handle(), buffer);
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
  if (ioctl(descriptor.native_handle(), FIONREAD, &unread) != 0) unread = 0;
  left = static_cast<std::size_t>(unread);
  reset = by_error;
  read_later();
}

UnixStream::UnixStream(std::shared_ptr<State> state, std::chrono::nanoseconds made)
    : made_(made), state_(std::move(state)) {}

base::Result<std::unique_ptr<UnixStream>> UnixStream::adopt(FileDescriptor fd,
                                                            const boost::asio::any_io_executor& executor,
                                                            StreamCalls& calls) {
  auto state = std::make_shared<State>(executor, calls);
  const int wanted = kSendBuffer;
  setsockopt(fd.get(), SOL_SOCKET, SO_SNDBUF, &wanted, sizeof(wanted));
  int granted = 0;
  socklen_t size = sizeof(granted);
  getsockopt(fd.get(), SOL_SOCKET, SO_SNDBUF, &granted, &size);
  state->capacity = static_cast<std::size_t>(granted) + 2 * kPiece + kConnectionBytes;
  boost::system::error_code error;
  state->descriptor.assign(fd.get(), error);
  if (error) return base::fail("watch a Unix stream", {error.value(), std::system_category()});
  static_cast<void>(fd.release());
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
  state_->wait_to_read();
  state_->wait_for_error();
  if (state_->blocked) state_->wait_to_write();
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
    if (!std::exchange(state.blocked, true) && state.started) state.wait_to_write();
    return taken;
  }
  return taken;
}

std::size_t UnixStream::capacity() const { return state_->capacity; }

void UnixStream::end_in_children() {
  if (state_->open) state_->guard.emplace(fd());
}

int UnixStream::fd() const { return state_->open ? state_->descriptor.native_handle() : -1; }

}  // namespace sounder::platform
