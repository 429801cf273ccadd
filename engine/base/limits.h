/// Every limit of the engine in one place, each with its reason and the metric that shows how full it is.
#pragma once

#include <cstddef>
#include <cstdint>

namespace sounder::base {

/// Targets of one daemon. The mission's upper end; `sounder_targets` shows the number in use.
inline constexpr std::size_t kMaxTargets = 1'000'000;

/// Probes in flight at once, over all targets: 1,000,000 targets at 1 s with a timeout of 4 s, and what a slot number
/// of 24 bits can name (wire/packet.h). `sounder_probes_in_flight` shows the use.
inline constexpr std::size_t kMaxInFlight = std::size_t{1} << 24U;

/// Packets that one call hands to or takes from the kernel. Larger batches gain nothing measurable and hold the stack
/// for longer; `sounder_cycle_seconds` shows what a cycle takes.
inline constexpr std::size_t kSendBatch = 256;
inline constexpr std::size_t kReceiveBatch = 256;

/// Sequence numbers that one due time passes over because probes that could not end yet hold their places: a few
/// microseconds of looking. Beyond, it fails (`sounder_send_errors_total`, reason `no_buffer`), and the next looks on.
inline constexpr std::size_t kMostPassedOver = 64;

/// Target changes applied in one cycle of the probe loop (design: a reload must not delay a probe).
inline constexpr std::size_t kDeltaBatch = 512;

/// Targets whose path is looked up again in one cycle after the network has changed: a fraction of a millisecond.
inline constexpr std::size_t kJudgeBatch = 512;

/// Expiries handled in one cycle.
inline constexpr std::size_t kExpiryBatch = 1024;

/// Echo requests of the broker's clients that are with the engine and have no result: each has a place of 250 bytes.
/// More wait in the broker. `sounder_broker_charged`, resource `credits`, shows all of them.
inline constexpr std::size_t kMaxEchoes = 65'536;

/// Interfaces, addresses and routes of this host that are followed: a full table of Internet routes of both families
/// would fit twice. Beyond it nothing is claimed of any path; `sounder_network_objects` shows the number in use.
inline constexpr std::size_t kMaxNetworkObjects = std::size_t{1} << 22U;

/// Network objects that have gone and are remembered, so that whoever was told of them learns it: a second of the worst
/// flapping that was measured (32,000 each way). Who was away for longer takes a new snapshot.
/// `sounder_broker_network_tombstones` shows the use.
inline constexpr std::size_t kMaxTombstones = std::size_t{1} << 16U;

/// Histogram buckets of one target, without the one for +Inf.
inline constexpr std::size_t kMaxBuckets = 32;

/// Sockets that send, for each family, on systems where TTL, DSCP, source and the like belong to the socket (Windows).
/// Each gets a copy of every ICMP packet that reaches the host, so there are few: one for each set of options in use. A
/// request with one set more is refused (`sounder_send_errors_total`, reason `invalid`) and the log says why.
inline constexpr std::size_t kMaxSendSockets = 32;

/// Receives outstanding on each socket of a system that completes them (Windows), by default: what arrives while the
/// loop does something else completes one each, and more waits in the socket's queue.
inline constexpr std::size_t kReceives = 64;

/// Local clients accepted in one turn of the service loop, so that others are served while a thousand connect at once.
/// The rest wait in the system's queue.
inline constexpr std::size_t kAcceptsPerTurn = 64;

}  // namespace sounder::base
