/// Limits of a configuration, each with its reason. Those of the engine are in engine/base/limits.h.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "engine/base/limits.h"
#include "engine/base/time.h"

namespace sounder::config {

/// One file: 1,000,000 targets as maps of a host, a name and two labels.
inline constexpr std::size_t kMaxFileBytes = std::size_t{128} << 20U;
/// All files together, and their number: what one reload may read.
inline constexpr std::size_t kMaxTotalBytes = std::size_t{256} << 20U;
inline constexpr std::size_t kMaxFiles = 1000;

/// Values in one file, each counted again wherever an alias repeats it: aliases of aliases multiply.
inline constexpr std::size_t kMaxNodes = 16'000'000;
/// Lists and maps within each other; the configuration itself nests seven deep.
inline constexpr std::size_t kMaxDepth = 32;

/// Mistakes reported in one go; the rest are counted.
inline constexpr std::size_t kMaxDiagnostics = 1000;

/// Targets of one block or range: nothing less than all that a daemon can have.
inline constexpr std::size_t kMaxBlockTargets = base::kMaxTargets;

/// Groups, and bytes of the name of one or of a target: they are repeated in every line of a scrape.
inline constexpr std::size_t kMaxGroups = 10'000;
inline constexpr std::size_t kMaxNameBytes = 255;

/// Labels of one target and their bytes, within what Prometheus servers are usually set to accept.
inline constexpr std::size_t kMaxLabels = 32;
inline constexpr std::size_t kMaxLabelNameBytes = 128;
inline constexpr std::size_t kMaxLabelValueBytes = 1024;

inline constexpr base::Duration kMinInterval = std::chrono::milliseconds(10);
inline constexpr base::Duration kMaxInterval = std::chrono::hours(1);
inline constexpr base::Duration kMinTimeout = std::chrono::milliseconds(1);
inline constexpr base::Duration kMaxTimeout = std::chrono::seconds(60);
inline constexpr base::Duration kMinBucket = std::chrono::microseconds(1);
inline constexpr base::Duration kMaxBucket = std::chrono::minutes(10);

/// Data bytes of an echo request: an IPv4 packet of 65,535 bytes without its header of 20 and the ICMP header of 8.
inline constexpr std::uint64_t kMaxDataBytes = 65'507;
/// Data bytes that our tag takes (engine/wire); shorter probes are matched by address, identifier and sequence alone.
inline constexpr std::uint64_t kTagBytes = 16;

/// Due times in a row for `down_after` and `up_after`: an hour at four a second is more than anybody waits.
inline constexpr std::uint64_t kMaxRun = 10'000;

/// Packets a second: above what one thread has been seen to send.
inline constexpr std::uint64_t kMaxRateLimit = 10'000'000;
/// Socket buffers: below a batch of packets nothing works, above this the kernel's accounting wraps.
inline constexpr std::uint64_t kMinBuffer = std::uint64_t{64} << 10U;
inline constexpr std::uint64_t kMaxBuffer = std::uint64_t{1} << 30U;

inline constexpr base::Duration kMinRefresh = std::chrono::seconds(1);
inline constexpr base::Duration kMaxRefresh = std::chrono::hours(24);
inline constexpr std::uint64_t kMaxResolverWorkers = 64;

/// What a broker may be allowed of anything counted, and of echo requests without a result: 65,536 of a client, so many
/// times as there can be clients.
inline constexpr std::uint64_t kMaxBrokerCount = 100'000'000;
inline constexpr std::uint64_t kMaxBrokerCredits = 1U << 26U;
/// And of memory: a client needs some KiB to say anything.
inline constexpr std::uint64_t kMinBrokerBytes = std::uint64_t{16} << 10U;
inline constexpr std::uint64_t kMaxBrokerBytes = std::uint64_t{1} << 40U;
/// Rules are tried one after the other for each client that connects.
inline constexpr std::size_t kMaxBrokerRules = 1000;
/// Names of users and groups: a SID or DOMAIN\name of Windows is the longest.
inline constexpr std::size_t kMaxPrincipalBytes = 256;
/// unix(7): 108 bytes with the zero at their end. A pipe's name may be longer, and has no need to be.
inline constexpr std::size_t kMaxSocketPathBytes = 107;

/// Memory of one target in the whole daemon, without its labels and its probes: measured as the growth of the resident
/// set from 10 to 200,000 targets of a block. And of each probe that it may have in flight.
inline constexpr std::size_t kTargetBytes = 1250;
inline constexpr std::size_t kProbeBytes = 64;

}  // namespace sounder::config
