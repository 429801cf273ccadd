/// An address that the broker probes at an interval for one client. Sans I/O: due times in, requests and results out.
///
/// At any moment due = Σ outcomes + in flight (what waits to leave among it).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "engine/base/ip_address.h"
#include "engine/base/time.h"
#include "engine/broker/account.h"
#include "engine/broker/intrusive.h"
#include "engine/probe/echo.h"
#include "engine/probe/events.h"

namespace sounder::broker {

struct Session;
struct Registration;

/// What became of a due time, or of several slipped ones in a row.
struct MonitorRecord {
  probe::OutcomeKind kind = probe::OutcomeKind::kTimeout;
  wire::SendFailure send_failure = wire::SendFailure::kNone;
  std::uint8_t icmp_type = 0;
  std::uint8_t icmp_code = 0;
  std::uint8_t ttl = 0;
  probe::StampSource tx = probe::StampSource::kNone;
  probe::StampSource rx = probe::StampSource::kNone;
  bool has_reporter = false;
  std::uint16_t size = 0;
  std::uint32_t count = 1;
  base::Duration rtt{};
  base::IpAddress reporter;
};

[[nodiscard]] MonitorRecord to_record(const probe::EchoResult& result);

/// Room for one record: a monitor has as many as it keeps, in a circle.
struct RecordSlot {
  RecordSlot* next = nullptr;
  MonitorRecord record;
};

struct MonitorTotals {
  std::uint64_t due = 0;
  std::array<std::uint64_t, probe::kOutcomeKinds> outcomes{};
  base::Duration rtt_min{};
  base::Duration rtt_max{};
  base::Duration rtt_sum{};
  base::Duration jitter{};  ///< RFC 3550 §6.4.1
};

struct Monitor {
  struct SoonerDue {
    bool operator()(const Monitor& left, const Monitor& right) const { return left.due < right.due; }
  };

  TreeHook by_due;
  ListHook waiting;    ///< its request waits to leave, in the list of its session
  ListHook reporting;  ///< it has something to tell
  Session* session = nullptr;
  Registration* registration = nullptr;
  Charge charge;

  probe::EchoRequest request;
  base::Duration interval{};
  std::uint8_t keep = 0;

  base::MonoTime due{};  ///< the next one
  std::uint64_t in_flight = 0;
  MonitorTotals totals;
  std::optional<base::Duration> last_rtt;

  RecordSlot* oldest = nullptr;
  RecordSlot* free = nullptr;  ///< where the next record goes
  std::uint64_t next_number = 0;
  std::uint64_t told = 0;  ///< the number of the record that the client expects
  std::uint8_t kept = 0;

  /// All due times up to `now`: gives whether a request is to leave, for the last of them. The others slip, and so does
  /// the last if its predecessor still waits.
  [[nodiscard]] bool come_due(base::MonoTime now);
  /// What became of a request that has left.
  void record(const MonitorRecord& record);
  [[nodiscard]] std::uint64_t first_number() const { return next_number - kept; }
  /// Records that were dropped untold.
  [[nodiscard]] std::uint64_t missed() const { return first_number() - told; }
  /// All that is kept has been told.
  void tell_all();

 private:
  void slip(std::uint64_t count);
  void append(const MonitorRecord& record);
  void measure(base::Duration rtt);
};

}  // namespace sounder::broker
