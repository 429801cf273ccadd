#include "engine/platform/windows/pipe_stream.h"

#include <algorithm>
#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/system/error_code.hpp>
#include <utility>
#include <vector>

#include "engine/base/check.h"

namespace sounder::platform::windows {

namespace {

/// The peer has closed its end, in the three ways in which the system says so.
bool is_closed_by_peer(const boost::system::error_code& error) {
  const auto number = static_cast<DWORD>(error.value());
  return error == boost::asio::error::eof || number == ERROR_BROKEN_PIPE || number == ERROR_NO_DATA ||
         number == ERROR_PIPE_NOT_CONNECTED;
}

}  // namespace

/// What completions touch, with the buffers that the system reads and writes: it lives until the last one came.
struct PipeStream::State : std::enable_shared_from_this<State> {
  explicit State(boost::asio::windows::stream_handle handle) : pipe(std::move(handle)), linger(pipe.get_executor()) {}

  void read();
  void on_read(const boost::system::error_code& error, std::size_t size);
  void write_rest();
  void on_written(const boost::system::error_code& error, std::size_t size);
  void deliver(std::span<const std::byte> bytes);
  void end(io::StreamEnd why);
  void abandon();
  void close();
  /// `call` may destroy the stream; the handlers live for as long.
  template <class Call>
  void run(const Call& call);

  boost::asio::windows::stream_handle pipe;
  boost::asio::steady_timer linger;
  Handlers handlers;
  std::vector<std::byte> early;
  std::array<std::byte, kReadSize> reading{};
  std::vector<std::byte> writing;  ///< empty, and without memory, if nothing is outstanding
  std::size_t written = 0;         ///< of `writing`
  bool started = false;
  bool open = true;
  bool running = false;  ///< a handler of ours is being called
  bool blocked = false;  ///< write() took less than it was given
  bool cut = false;      ///< nothing can be sent any more; the read that is outstanding will tell
};

template <class Call>
void PipeStream::State::run(const Call& call) {
  running = true;
  call();
  running = false;
  if (!open) handlers = {};
}

void PipeStream::State::read() {
  pipe.async_read_some(boost::asio::buffer(reading),
                       [self = shared_from_this()](const boost::system::error_code& error, std::size_t size) {
                         if (self->open) self->on_read(error, size);
                       });
}

void PipeStream::State::on_read(const boost::system::error_code& error, std::size_t size) {
  if (error) return end(is_closed_by_peer(error) ? io::StreamEnd::kEndOfStream : io::StreamEnd::kReset);
  // A peer may write nothing, which is read as nothing and is no end.
  if (size > 0) deliver(std::span(reading).first(size));
  if (open) read();
}

void PipeStream::State::deliver(std::span<const std::byte> bytes) {
  run([&] {
    if (handlers.bytes) handlers.bytes(bytes);
  });
}

void PipeStream::State::write_rest() {
  const auto rest = std::span(writing).subspan(written);
  pipe.async_write_some(boost::asio::buffer(rest.data(), rest.size()),
                        [self = shared_from_this()](const boost::system::error_code& error, std::size_t size) {
                          if (self->pipe.is_open()) self->on_written(error, size);
                        });
}

void PipeStream::State::on_written(const boost::system::error_code& error, std::size_t size) {
  written += size;
  if (!error && written < writing.size()) return write_rest();
  writing = {};
  if (!open) return close();
  if (error) {
    cut = true;
    if (!is_closed_by_peer(error)) end(io::StreamEnd::kReset);
    return;
  }
  if (!started || !std::exchange(blocked, false)) return;
  run([&] {
    if (handlers.writable) handlers.writable();
  });
}

void PipeStream::State::end(io::StreamEnd why) {
  const Handlers last = std::exchange(handlers, {});
  open = false;
  close();
  if (last.ended) last.ended(why);
}

/// The owner has gone.
void PipeStream::State::abandon() {
  if (!std::exchange(open, false)) return;
  if (!running) handlers = {};
  if (writing.empty() || cut) return close();
  linger.expires_after(kLinger);
  linger.async_wait([self = shared_from_this()](const boost::system::error_code&) { self->close(); });
}

void PipeStream::State::close() {
  boost::system::error_code ignored;
  pipe.close(ignored);
  linger.cancel();
}

PipeStream::PipeStream(boost::asio::windows::stream_handle pipe, std::span<const std::byte> early)
    : state_(std::make_shared<State>(std::move(pipe))) {
  state_->early.assign(early.begin(), early.end());
  GetSystemTimeAsFileTime(&made_);
}

// Asio throws where there is no memory for a timer, which ends the process in any case.
// NOLINTNEXTLINE(bugprone-exception-escape)
PipeStream::~PipeStream() { state_->abandon(); }

void PipeStream::start(Handlers handlers) {
  SOUNDER_CHECK(!state_->started);
  state_->started = true;
  state_->handlers = std::move(handlers);
  boost::asio::post(state_->pipe.get_executor(), [self = state_] {
    if (!self->open) return;
    const auto early = std::exchange(self->early, {});
    if (!early.empty()) self->deliver(early);
    if (!self->open || !self->blocked || !self->writing.empty()) return;
    self->blocked = false;
    self->run([&] {
      if (self->handlers.writable) self->handlers.writable();
    });
  });
  boost::asio::post(state_->pipe.get_executor(), [self = state_] {
    if (self->open) self->read();
  });
}

std::size_t PipeStream::write(std::span<const std::byte> bytes) {
  State& state = *state_;
  if (!state.open || state.cut || bytes.empty()) return 0;
  std::size_t taken = 0;
  if (state.writing.empty()) {
    taken = std::min(bytes.size(), kWriteSize);
    state.writing.assign(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(taken));
    state.written = 0;
    state.write_rest();
  }
  state.blocked = state.blocked || taken < bytes.size();
  return taken;
}

std::size_t PipeStream::capacity() const { return std::size_t{2} * kPipeBuffer + kWriteSize + sizeof(State); }

HANDLE PipeStream::handle() const {
  return state_->pipe.is_open() && state_->open ? state_->pipe.native_handle() : INVALID_HANDLE_VALUE;
}

}  // namespace sounder::platform::windows
