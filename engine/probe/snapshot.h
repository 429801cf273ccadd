/// What exporters and the broker read of the engine, from another thread, without stopping it.
///
/// A TargetRecord holds one target's published numbers under a sequence lock: the probe thread writes, anybody reads a
/// consistent copy. The list of targets is made and owned by the service thread alone (runtime/target_feed.h), so it
/// needs no lock: a Snapshot is that list at one moment, kept alive by whoever still reads it.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/base/ip_address.h"
#include "engine/base/limits.h"
#include "engine/base/time.h"
#include "engine/probe/events.h"
#include "engine/probe/target_spec.h"
#include "engine/wire/icmp.h"
#include "engine/wire/packet.h"

namespace sounder::probe {

/// ICMP errors of one type and code. Distinct pairs beyond kIcmpErrorKinds are counted under type and code 255.
struct IcmpErrorCount {
  std::uint8_t type = 0;
  std::uint8_t code = 0;
  std::uint64_t count = 0;
};
inline constexpr std::size_t kIcmpErrorKinds = 4;

/// A consistent copy of one target's numbers. At any moment due = Σ outcomes + in_flight.
struct TargetNumbers {
  std::uint64_t due = 0;
  std::array<std::uint64_t, kOutcomeKinds> outcomes{};  ///< by OutcomeKind
  std::uint64_t in_flight = 0;
  std::array<std::uint64_t, kStrayKinds> strays{};  ///< by StrayKind
  std::uint64_t reordered = 0;  ///< RFC 4737 §3.3: good replies that a later probe's reply overtook
  std::array<IcmpErrorCount, kIcmpErrorKinds> icmp_errors{};   ///< count 0: unused
  std::array<std::uint64_t, base::kMaxBuckets + 1> buckets{};  ///< not cumulative; the one after the last bound is +Inf
  std::uint32_t bucket_count = 0;                              ///< used ones, with +Inf
  double rtt_sum_seconds = 0;
  std::optional<base::Duration> rtt_last;
  std::optional<base::Duration> rtt_smoothed;  ///< RFC 6298 §2
  std::optional<base::Duration> rtt_jitter;    ///< RFC 3550 §6.4.1, of successive round-trip times
  std::optional<std::uint8_t> reply_ttl;
  TargetState state = TargetState::kUnknown;
  Reason reason = Reason::kNone;
  std::optional<base::IpAddress> reporter;  ///< of the last ICMP error that is the reason
  std::uint32_t consecutive_losses = 0;     ///< due times in a row without a reply
  std::optional<base::WallTime> last_change;

  [[nodiscard]] std::uint64_t outcome(OutcomeKind kind) const { return outcomes[static_cast<std::size_t>(kind)]; }
  [[nodiscard]] std::uint64_t stray(StrayKind kind) const { return strays[static_cast<std::size_t>(kind)]; }
};

/// The part of TargetNumbers that one scrape must take of every target at the same moment, since its families are
/// printed far apart: 64 bytes.
struct TargetAccounts {
  std::uint64_t due = 0;
  std::array<std::uint64_t, kOutcomeKinds> outcomes{};
  std::uint64_t in_flight = 0;
};

class TargetRecord;

/// What names a target in every metric. Immutable; a reload that changes labels makes a new one.
struct TargetInfo {
  std::shared_ptr<const std::string> group;
  std::string target;
  std::string address;  ///< text; empty while a name has no address
  std::shared_ptr<const Labels> labels;
  std::shared_ptr<const ProbeOptions> options;
  /// Failed look-ups of the name that this target was made of; shared by the targets of one name, null for addresses.
  std::shared_ptr<const std::atomic<std::uint64_t>> resolve_errors;
  /// Whether the name has an address at present (its last look-up succeeded); true for addresses. Null: true.
  std::shared_ptr<const std::atomic<bool>> resolved;
};

/// One line of the list: the name and the numbers. `record` is null for a name without an address: nothing is probed,
/// and every number is zero or absent, but the series are there.
struct TargetEntry {
  std::shared_ptr<const TargetInfo> info;
  std::shared_ptr<const TargetRecord> record;
};

/// Reads a consistent copy. Never blocks the writer; retries while it writes. Any thread.
void read_numbers(const TargetRecord& record, TargetNumbers& out);
/// The same without `buckets`, `bucket_count` and `rtt_sum_seconds`, which stay as they are: they are most of the work,
/// and a scrape reads each target many times.
void read_without_histogram(const TargetRecord& record, TargetNumbers& out);
[[nodiscard]] TargetAccounts read_accounts(const TargetRecord& record);

/// All targets at one moment, in the order of the configuration.
using TargetList = std::vector<TargetEntry>;
using Snapshot = std::shared_ptr<const TargetList>;

/// A histogram of the daemon itself, written by one thread and read by any: bucket i counts durations up to
/// 10 µs × 2^i, the last all others.
struct DurationHistogram {
  static constexpr std::size_t kBounds = 18;  ///< up to 1.31 s
  std::array<std::atomic<std::uint64_t>, kBounds + 1> counts{};
  std::atomic<std::uint64_t> sum_ns{0};

  void add(base::Duration duration);
  [[nodiscard]] static constexpr base::Duration bound(std::size_t index) {
    return std::chrono::microseconds(10) * (std::int64_t{1} << index);
  }
};

/// Why a received packet was no ICMP message that we understand, under this name for those who read snapshots only.
using wire::kParseFailures;
using wire::ParseFailure;
using wire::to_string;

/// The daemon's own numbers. Written by the probe thread with relaxed atomics, read by any; each stands for itself.
struct EngineNumbers {
  DurationHistogram cycle;
  DurationHistogram send_lateness;
  std::atomic<std::uint64_t> cycles{0};                   ///< also the watchdog's food
  std::atomic<std::int64_t> cycle_max_ns{0};              ///< the longest of the last 60 s
  std::atomic<std::uint64_t> receive_queue_overflows{0};  ///< packets that our own receive queue lost
  std::array<std::atomic<std::uint64_t>, wire::kSendFailureCount> send_errors{};
  std::atomic<std::uint64_t> unmatched_packets{0};
  std::array<std::atomic<std::uint64_t>, kParseFailures> parse_errors{};
  std::array<std::atomic<std::uint64_t>, kOutcomeKinds> echo_outcomes{};  ///< of requests outside the schedule
  std::array<std::atomic<std::uint64_t>, kStrayKinds> echo_strays{};
  std::array<std::array<std::atomic<std::uint64_t>, 2>, 2> rtt_stamps{};  ///< [tx][rx], 0 kernel, 1 user
};

}  // namespace sounder::probe
