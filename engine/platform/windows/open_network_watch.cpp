#include <utility>

#include "engine/platform/platform.h"
#include "engine/platform/windows/network_watch.h"
#include "engine/platform/windows/system_network_calls.h"

namespace sounder::platform {

// NOLINTBEGIN(performance-unnecessary-value-param): platform.h is one for both systems, and Linux keeps the executor.
base::Result<std::unique_ptr<io::NetworkWatch>> open_network_watch(const NetworkWatchConfig& /*config*/,
                                                                   boost::asio::any_io_executor executor) {
  // NOLINTEND(performance-unnecessary-value-param)
  // What the system refuses is made up for by polling, and io::NetworkWatchNumbers says so.
  auto calls = windows::make_system_network_calls(executor);
  return windows::make_network_watch(executor, make_clock(), std::move(calls));
}

}  // namespace sounder::platform
