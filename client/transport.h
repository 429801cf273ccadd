/// What a session needs of the system: a way to the daemon, and whether this is still the process that it was made in.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "engine/base/result.h"
#include "engine/platform/local_stream.h"

namespace sounder::client {

struct Transport {
  /// platform::connect_local.
  std::function<base::Result<platform::LocalConnection>(const std::string& path,
                                                        const boost::asio::any_io_executor& executor)>
      connect;
  /// Changes in a child of fork(). From any thread.
  std::function<std::uint64_t()> fork_generation;
  /// How long whoever listens may take to let us in.
  std::chrono::milliseconds welcome_time = std::chrono::seconds(5);
};

/// The system's own: engine/platform/local_stream.h.
[[nodiscard]] Transport system_transport();
/// What SessionOptions::path says of an empty one.
[[nodiscard]] std::string default_path();

}  // namespace sounder::client
