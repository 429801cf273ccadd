/// Connecting to the daemon of this machine: what a client needs of the platform, in a library of its own
/// (sounder::platform_local_stream).
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <cstdint>
#include <memory>
#include <string>

#include "engine/base/result.h"
#include "engine/io/local_stream.h"

namespace sounder::platform {

/// Where the daemon listens unless its configuration says otherwise: `/run/sounder/broker.sock`, `\\.\pipe\sounder`.
[[nodiscard]] std::string default_local_name();

struct LocalConnection {
  std::unique_ptr<io::LocalStream> stream;
  /// Who listens, in the form of io::Credentials::user: Linux: the user that the daemon was as it began to listen;
  /// Windows: the owner of the pipe. A name that anybody could have taken is trusted by looking at this.
  std::string listener;
};

/// Connects to whoever listens at `name`; empty: default_local_name(). Never blocks. `executor` runs the stream's
/// handlers, and its context outlives the stream. Errors that compare equal to
/// std::errc::resource_unavailable_try_again: somebody listens, and has no room at the moment. Others: nobody listens,
/// or not for this user. Thread: any.
[[nodiscard]] base::Result<LocalConnection> connect_local(const std::string& name,
                                                          const boost::asio::any_io_executor& executor);

/// Another number in a child of fork() than in its parent. In a child, the streams that connect_local() made in the
/// parent have ended: nothing is read from them or written to them there, and they don't hold the parent's connections
/// open. Thread: any.
[[nodiscard]] std::uint64_t fork_generation();

}  // namespace sounder::platform
