/// io::PacketIo on Windows, on calls of Winsock that a test may note.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <memory>

#include "engine/base/log.h"
#include "engine/base/result.h"
#include "engine/io/clock.h"
#include "engine/io/packet_io.h"
#include "engine/platform/platform.h"
#include "engine/platform/windows/socket_calls.h"

namespace sounder::platform::windows {

/// As platform::open_packet_io(). The executor is that of an io_context; `log` and `calls` outlive that, since what was
/// outstanding may complete as late.
[[nodiscard]] base::Result<std::unique_ptr<io::PacketIo>> open_packet_io(const PacketIoConfig& config,
                                                                         const boost::asio::any_io_executor& executor,
                                                                         const io::Clock& clock, base::Logger& log,
                                                                         SocketCalls& calls);

}  // namespace sounder::platform::windows
