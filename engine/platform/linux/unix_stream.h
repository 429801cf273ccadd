/// The local stream over a Unix stream socket.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <chrono>
#include <cstddef>
#include <memory>
#include <span>

#include "engine/base/result.h"
#include "engine/io/local_stream.h"
#include "engine/platform/linux/file_descriptor.h"
#include "engine/platform/linux/ready_set.h"
#include "engine/platform/linux/stream_calls.h"

namespace sounder::platform {

/// Idle it holds no buffer: bytes are read into the stack. Thread: the executor's, or while that does not run.
class UnixStream final : public io::LocalStream {
 public:
  /// What is asked for of the socket's buffer; the kernel grants twice that. Unix sockets charge a piece with all its
  /// overhead, and take the next one for as long as the limit is not reached, so what a peer that does not read can
  /// have the kernel hold stays within 64 KiB.
  static constexpr int kSendBuffer = 28 << 10U;
  /// One send(): larger ones would exceed the limit by more.
  static constexpr std::size_t kPiece = std::size_t{4} << 10U;
  /// One receive.
  static constexpr std::size_t kReadSize = std::size_t{16} << 10U;
  /// Of one stream in one turn of the loop, so that no peer keeps the others waiting.
  static constexpr int kReadsPerTurn = 4;

  /// `fd` is connected and does not block. `set` is of the same executor; null: the executor watches this one alone.
  /// `calls` outlives the stream and its last handler. An error if no more descriptors can be watched.
  [[nodiscard]] static base::Result<std::unique_ptr<UnixStream>> adopt(FileDescriptor fd,
                                                                       const boost::asio::any_io_executor& executor,
                                                                       ReadySet* set = nullptr,
                                                                       StreamCalls& calls = StreamCalls::system());
  ~UnixStream() override;

  void start(Handlers handlers) override;
  [[nodiscard]] std::size_t write(std::span<const std::byte> bytes) override;
  [[nodiscard]] std::size_t capacity() const override;

  /// Children of fork() have no part in this stream (fork_guard.h).
  void end_in_children();

  /// -1 after the end. Remains the stream's.
  [[nodiscard]] int fd() const;
  /// When it was made, since boot (CLOCK_BOOTTIME): as start times of processes are told.
  [[nodiscard]] std::chrono::nanoseconds made() const { return made_; }

 private:
  struct State;
  UnixStream(std::shared_ptr<State> state, std::chrono::nanoseconds made);

  std::chrono::nanoseconds made_;
  std::shared_ptr<State> state_;
};

}  // namespace sounder::platform
