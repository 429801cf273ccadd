/// The watch of the process that opened a pipe: its handle on the loop.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <functional>
#include <memory>

#include "engine/base/result.h"
#include "engine/io/process_watch.h"
#include "engine/platform/windows/pipe_calls.h"
#include "engine/platform/windows/pipe_stream.h"

namespace sounder::platform::windows {

/// As io::LocalListener::watch_process. The system knows the process that opened the pipe by its number alone; one that
/// began after the stream was accepted only has the number of one that has ended.
[[nodiscard]] base::Result<std::unique_ptr<io::ProcessWatch>> watch_client(const PipeStream& stream,
                                                                           const boost::asio::any_io_executor& executor,
                                                                           PipeCalls& calls,
                                                                           std::function<void()> exited);

}  // namespace sounder::platform::windows
