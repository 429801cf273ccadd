#include "app/watchdog.h"

#include <atomic>

namespace sounder::app {

Watchdog::Watchdog(boost::asio::io_context& service, io::ServiceNotify& notify, const probe::EngineNumbers& numbers)
    : notify_(notify), numbers_(numbers), timer_(service) {}

void Watchdog::start() {
  const auto limit = notify_.watchdog();
  if (!limit) return;
  period_ = *limit / 3;
  arm();
}

void Watchdog::stop() { timer_.cancel(); }

void Watchdog::arm() {
  timer_.expires_after(period_);
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error) look();
  });
}

void Watchdog::look() {
  const std::uint64_t cycles = numbers_.cycles.load(std::memory_order_relaxed);
  if (cycles != fed_at_) notify_.alive();
  fed_at_ = cycles;
  arm();
}

}  // namespace sounder::app
