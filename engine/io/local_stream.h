/// The seam to a stream between two processes of one machine: a Unix stream socket, a named pipe, the simulator's.
///
/// Everything happens on the executor that the stream was made with; no handler runs inside a call.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>

namespace sounder::io {

/// Why a stream ended.
enum class StreamEnd : std::uint8_t {
  kEndOfStream,  ///< the peer closed it, or is gone
  kReset,        ///< an error; what was on its way may be lost
  kForbidden,  ///< the peer sent what no stream carries (a file descriptor, which has been closed); what came with it,
               ///< or shortly before, is dropped
};

class LocalStream {
 public:
  struct Handlers {
    /// What arrived, borrowed during the call; in order, any number of bytes.
    std::function<void(std::span<const std::byte>)> bytes;
    /// write() takes something again. Only after it took less than it was given.
    std::function<void()> writable;
    /// Once; no other handler runs afterwards. What had arrived before comes first.
    std::function<void(StreamEnd)> ended;
  };

  LocalStream() = default;
  LocalStream(const LocalStream&) = delete;
  LocalStream& operator=(const LocalStream&) = delete;
  /// Closes. No handler runs afterwards, and nothing is waited for. Allowed inside a handler.
  virtual ~LocalStream() = default;

  /// Begins to read, for as long as the stream lives: an end is never overlooked for want of a pending read. Once.
  virtual void start(Handlers handlers) = 0;
  /// Takes as many of the bytes as the system takes now, from the front; never blocks. Zero after the end. What a
  /// closing stream took still reaches a peer that reads.
  [[nodiscard]] virtual std::size_t write(std::span<const std::byte> bytes) = 0;
  /// What the system and this object hold at most for both directions: what a session is charged.
  [[nodiscard]] virtual std::size_t capacity() const = 0;
};

}  // namespace sounder::io
