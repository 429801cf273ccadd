/// Between the types of C (sounder.h) and those of C++.
#pragma once

#include <boost/asio/ip/address.hpp>
#include <boost/system/error_code.hpp>
#include <optional>

#include <sounder/session.h>
#include <sounder/sounder.h>

namespace sounder::client {

[[nodiscard]] int to_c(const boost::system::error_code& error);
[[nodiscard]] sounder_address to_c(const std::optional<boost::asio::ip::address>& address);
[[nodiscard]] sounder_outcome to_c(const Outcome& outcome);
[[nodiscard]] sounder_monitor_totals to_c(const MonitorTotals& totals);
/// Its strings are those of `event`.
[[nodiscard]] sounder_watch_event to_c(const WatchEvent& event);

/// Empty for family 0.
[[nodiscard]] std::optional<boost::asio::ip::address> from_c(const sounder_address& address);
[[nodiscard]] EchoRequest from_c(const sounder_echo_request& request);

}  // namespace sounder::client
