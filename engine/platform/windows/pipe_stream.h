/// The local stream over a named pipe.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/windows/stream_handle.hpp>
#include <chrono>
#include <cstddef>
#include <memory>
#include <span>

#include "engine/io/local_stream.h"
#include "engine/platform/windows/system_headers.h"

namespace sounder::platform::windows {

/// The system's buffers of a pipe, each way. They are of non-paged memory, so they are small.
inline constexpr DWORD kPipeBuffer = 4 << 10U;

/// A read is always outstanding; of writes, one. Thread: the executor's, or while that does not run.
class PipeStream final : public io::LocalStream {
 public:
  /// One write; what a pipe has no room for, the system holds.
  static constexpr std::size_t kWriteSize = std::size_t{16} << 10U;
  static constexpr std::size_t kReadSize = std::size_t{4} << 10U;
  /// For so long a closed stream lets its last write go on: the system has no other way to give it to a peer that
  /// reads, and one that does not read must not keep it.
  static constexpr auto kLinger = std::chrono::seconds(1);

  /// `early` is what was read of it before.
  explicit PipeStream(boost::asio::windows::stream_handle pipe, std::span<const std::byte> early = {});
  ~PipeStream() override;  // NOLINT(bugprone-exception-escape): pipe_stream.cpp says why

  void start(Handlers handlers) override;
  [[nodiscard]] std::size_t write(std::span<const std::byte> bytes) override;
  [[nodiscard]] std::size_t capacity() const override;

  /// INVALID_HANDLE_VALUE after the end. Remains the stream's.
  [[nodiscard]] HANDLE handle() const;
  /// When it was made, as the system tells the start of processes.
  [[nodiscard]] FILETIME made() const { return made_; }

 private:
  struct State;

  FILETIME made_{};
  std::shared_ptr<State> state_;
};

}  // namespace sounder::platform::windows
