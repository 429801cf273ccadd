/// io::NetworkWatch on Windows: the follower on a loop, with a timer and the bell that callbacks ring.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <memory>

#include "engine/io/clock.h"
#include "engine/io/network_watch.h"
#include "engine/platform/windows/network_calls.h"

namespace sounder::platform::windows {

/// Callbacks on the system's threads queue one call on the loop, and nothing more until that has run: however many
/// come, and however long the loop takes, they hold no memory. `executor` is the loop's and outlives the watch.
[[nodiscard]] std::unique_ptr<io::NetworkWatch> make_network_watch(const boost::asio::any_io_executor& executor,
                                                                   std::unique_ptr<io::Clock> clock,
                                                                   std::unique_ptr<NetworkCalls> calls);

}  // namespace sounder::platform::windows
