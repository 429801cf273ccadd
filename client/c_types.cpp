#include "client/c_types.h"

#include <algorithm>
#include <boost/asio/error.hpp>
#include <variant>

namespace sounder::client {
namespace {

using boost::asio::ip::address;
using boost::asio::ip::address_v4;
using boost::asio::ip::address_v6;

std::uint8_t flag(bool value) { return value ? 1 : 0; }

void put(const Interface& interface, sounder_watch_event& event) {
  event.object = SOUNDER_INTERFACE;
  event.interface_index = interface.index;
  event.name = interface.name.c_str();
  event.up = flag(interface.up);
  event.carrier = flag(interface.carrier);
  event.loopback = flag(interface.loopback);
  event.mtu = interface.mtu;
}

void put(const InterfaceAddress& from, sounder_watch_event& event) {
  event.object = SOUNDER_ADDRESS;
  event.interface_index = from.interface_index;
  event.address = to_c(from.address);
  event.prefix_length = from.prefix_length;
  event.usable = flag(from.usable);
}

void put(const Route& route, sounder_watch_event& event) {
  event.object = SOUNDER_ROUTE;
  event.interface_index = route.interface_index;
  event.address = to_c(route.destination);
  event.prefix_length = route.prefix_length;
  event.table = route.table;
  event.metric = route.metric;
  event.gateway = to_c(route.gateway);
  event.route_kind = static_cast<std::uint8_t>(route.kind);
  event.link_down = flag(route.link_down);
  event.preferred_source = to_c(route.preferred_source);
}

}  // namespace

int to_c(const boost::system::error_code& error) {
  if (!error) return 0;
  if (error.category() == error_category()) return error.value();
  return error == boost::asio::error::operation_aborted ? static_cast<int>(SOUNDER_ABORTED) : -error.value();
}

sounder_address to_c(const std::optional<address>& from) {
  sounder_address to{};
  if (!from) return to;
  to.family = from->is_v4() ? 4 : 6;
  if (from->is_v4()) {
    const auto bytes = from->to_v4().to_bytes();
    std::copy(bytes.begin(), bytes.end(), std::begin(to.bytes));
  } else {
    const auto bytes = from->to_v6().to_bytes();
    std::copy(bytes.begin(), bytes.end(), std::begin(to.bytes));
    to.scope = static_cast<std::uint32_t>(from->to_v6().scope_id());
  }
  return to;
}

sounder_outcome to_c(const Outcome& outcome) {
  sounder_outcome to{};
  to.rtt_ns = static_cast<std::uint64_t>(outcome.rtt.count());
  to.count = outcome.count;
  to.from = to_c(outcome.from);
  to.size = outcome.size;
  to.kind = static_cast<std::uint8_t>(outcome.kind);
  to.send_failure = static_cast<std::uint8_t>(outcome.send_failure);
  to.icmp_type = outcome.icmp_type;
  to.icmp_code = outcome.icmp_code;
  to.ttl = outcome.ttl.value_or(0);
  to.tx_stamp = static_cast<std::uint8_t>(outcome.tx);
  to.rx_stamp = static_cast<std::uint8_t>(outcome.rx);
  return to;
}

sounder_monitor_totals to_c(const MonitorTotals& totals) {
  const auto nanoseconds = [](std::chrono::nanoseconds time) { return static_cast<std::uint64_t>(time.count()); };
  sounder_monitor_totals to{};
  to.due = totals.due;
  to.reply = totals.reply;
  to.timeout = totals.timeout;
  to.icmp_error = totals.icmp_error;
  to.local_drop = totals.local_drop;
  to.send_failed = totals.send_failed;
  to.slipped = totals.slipped;
  to.rtt_min_ns = nanoseconds(totals.rtt_min);
  to.rtt_max_ns = nanoseconds(totals.rtt_max);
  to.rtt_sum_ns = nanoseconds(totals.rtt_sum);
  to.jitter_ns = nanoseconds(totals.jitter);
  return to;
}

sounder_watch_event to_c(const WatchEvent& event) {
  sounder_watch_event to{};
  to.kind = static_cast<std::uint8_t>(event.kind);
  to.error = to_c(event.failure.error);
  to.text = event.failure.text.c_str();
  to.name = "";
  to.missed = event.missed.value_or(SOUNDER_UNKNOWN);
  if (event.object) std::visit([&](const auto& object) { put(object, to); }, *event.object);
  return to;
}

std::optional<address> from_c(const sounder_address& from) {
  if (from.family == 4) {
    address_v4::bytes_type bytes;
    std::copy_n(std::begin(from.bytes), bytes.size(), bytes.begin());
    return address_v4(bytes);
  }
  if (from.family != 6) return std::nullopt;
  address_v6::bytes_type bytes;
  std::copy_n(std::begin(from.bytes), bytes.size(), bytes.begin());
  return address_v6(bytes, from.scope);
}

EchoRequest from_c(const sounder_echo_request& from) {
  EchoRequest request;
  request.to = from_c(from.to).value_or(address());
  request.source = from_c(from.source);
  request.timeout = std::chrono::microseconds(from.timeout_us);
  request.interface_index = from.interface_index;
  request.size = from.size;
  request.ttl = from.ttl;
  request.dscp = from.dscp;
  request.dont_fragment = from.dont_fragment != 0;
  request.accept_foreign = from.accept_foreign != 0;
  return request;
}

}  // namespace sounder::client
