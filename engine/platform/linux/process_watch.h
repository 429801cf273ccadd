/// The watch of the process that connected a Unix socket: a pidfd on the loop.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <functional>
#include <memory>

#include "engine/base/result.h"
#include "engine/io/process_watch.h"
#include "engine/platform/linux/listener_calls.h"
#include "engine/platform/linux/ready_set.h"
#include "engine/platform/linux/unix_stream.h"

namespace sounder::platform {

/// As io::LocalListener::watch_process. `set` is of the same executor.
///
/// The kernel names the process itself since Linux 6.5. Before, it is found by its number, which the kernel noted at
/// connect(); a process that began after the stream was accepted only has the number of one that has ended. What stays
/// open is a number that was used again between connect() and accept().
[[nodiscard]] base::Result<std::unique_ptr<io::ProcessWatch>> watch_peer(const UnixStream& stream,
                                                                         const boost::asio::any_io_executor& executor,
                                                                         ReadySet& set, ListenerCalls& calls,
                                                                         std::function<void()> exited);

}  // namespace sounder::platform
