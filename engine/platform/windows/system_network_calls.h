/// What the network watch asks of Windows, asked.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <memory>

#include "engine/platform/windows/network_calls.h"

namespace sounder::platform::windows {

/// `executor` is the loop's, an io_context's.
[[nodiscard]] std::unique_ptr<NetworkCalls> make_system_network_calls(const boost::asio::any_io_executor& executor);

}  // namespace sounder::platform::windows
