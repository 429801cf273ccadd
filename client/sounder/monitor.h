/// Having the daemon probe an address at an interval.
#pragma once

#include <boost/asio/ip/address.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>

#include <sounder/error.h>
#include <sounder/outcome.h>
#include <sounder/registration.h>

namespace sounder::client {

struct MonitorOptions {
  EchoRequest request = {};
  std::chrono::microseconds every = std::chrono::seconds(1);  ///< 10 ms to 1 h
  std::uint8_t keep = 8;  ///< outcomes that the daemon keeps while this program does not read: 1 to 64

  friend bool operator==(const MonitorOptions&, const MonitorOptions&) = default;
};

/// Of all due times of the monitor since the daemon registered it, missed ones included: due = the sum of all outcomes
/// + what is in flight.
struct MonitorTotals {
  std::uint64_t due = 0;
  std::uint64_t reply = 0;
  std::uint64_t timeout = 0;
  std::uint64_t icmp_error = 0;
  std::uint64_t local_drop = 0;
  std::uint64_t send_failed = 0;
  std::uint64_t slipped = 0;
  std::chrono::nanoseconds rtt_min{};
  std::chrono::nanoseconds rtt_max{};
  std::chrono::nanoseconds rtt_sum{};
  std::chrono::nanoseconds jitter{};  ///< RFC 3550 §6.4.1

  friend bool operator==(const MonitorTotals&, const MonitorTotals&) = default;
};

/// What there is to tell of a monitor at a time.
struct MonitorBatch {
  enum class Kind : std::uint8_t {
    kOutcomes,  ///< `missed` outcomes found no room before those in `outcomes`
    kMissed,    ///< the connection was lost and is there again: nobody knows how many; `totals` begin anew
    kRefused,   ///< the daemon refused it: `failure`. Nothing comes before the next connection
  };
  Kind kind = Kind::kOutcomes;
  std::span<const Outcome> outcomes = {};  ///< in order; valid during the callback
  std::uint64_t first = 0;                 ///< the number of the first of them, counted from 0
  std::uint64_t missed = 0;
  MonitorTotals totals = {};
  Failure failure = {};
};

/// Runs on the session's executor, one callback of a session at a time.
using MonitorHandler = std::function<void(const MonitorBatch&)>;

/// An address under watch: what a Windows program does with IcmpSendEcho2Ex and a timer, without either. Nothing of it
/// is lost for want of a reader: the totals go on.
class Monitor : public Registration {
 public:
  using Registration::Registration;
};

}  // namespace sounder::client
