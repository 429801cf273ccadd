/// What a simulated host does with an echo request, and what the path to it does to packets.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "engine/base/time.h"
#include "tests/sim/random.h"

namespace sounder::sim {

/// One way to answer.
enum class Answer : std::uint8_t {
  kReply,
  kSilent,
  kLate,               ///< a good reply, after `Host::late`
  kTwice,              ///< the same reply two times
  kForeign,            ///< a good reply that another address sends
  kCorruptTag,         ///< a bit of the tag is turned
  kCorruptIdentifier,  ///< right tag, wrong identifier
  kCorruptSequence,    ///< right tag, wrong sequence
  kCorruptData,        ///< right tag, wrong data behind it
  kBadChecksum,        ///< damaged on the way
  kShorter,            ///< a reply with fewer data bytes than were sent
  kLiar,               ///< our identifier, the right sequence, a payload of its own
  kRouterError,        ///< an ICMP error from a router
  kOwnError,     ///< host unreachable from one of our own addresses: no neighbour. A host that does this does only this
  kForgedError,  ///< an ICMP error that quotes something we did not send, or not so
};
inline constexpr std::size_t kAnswers = 15;

/// How a path's delay is distributed above `Path::delay`.
enum class DelayKind : std::uint8_t {
  kUniform,  ///< evenly up to `jitter`; constant where that is zero
  kNormal,   ///< a bell with the standard deviation `jitter`, around `delay` and never below zero
  kPareto,   ///< `delay` and a tail of Pareto's law, shape 2 and scale `jitter`
  kTrace,    ///< the delays of `Host::trace`, one after the other, again and again
};
inline constexpr std::size_t kDelayKinds = 4;

/// How much of the offending packet an ICMP error quotes.
enum class QuoteKind : std::uint8_t {
  kAny,         ///< drawn
  kWhole,       ///< RFC 1812 §4.3.2.3, RFC 4443 §3.1: as much as fits
  kEightBytes,  ///< RFC 792: the least
  kOptions,     ///< whole, behind an IPv4 record-route option or an IPv6 hop-by-hop header
};
inline constexpr std::size_t kQuoteKinds = 4;

/// The path to a host and back, as one.
struct Path {
  base::Duration delay = std::chrono::milliseconds(10);
  base::Duration jitter = std::chrono::milliseconds(0);  ///< added evenly from 0 up to this
  DelayKind kind = DelayKind::kUniform;
  base::Duration longest = std::chrono::hours(1);  ///< what a draw gives is cut here
  Ppm straggle = 0;                                ///< packets that take up to `straggle_by` longer: reordering
  base::Duration straggle_by = std::chrono::milliseconds(0);
  Ppm loss = 0;       ///< independent
  Ppm burst = 0;      ///< a burst of losses begins
  Ppm burst_end = 0;  ///< and ends, at each packet
  Ppm duplicate = 0;

  [[nodiscard]] base::Duration shortest() const { return delay; }
};

struct Host {
  Path path;
  std::array<std::uint32_t, kAnswers> weights{1};  ///< by Answer: how often each is drawn
  base::Duration late = std::chrono::seconds(3);   ///< more than the timeout of who probes it
  base::Duration late_jitter = std::chrono::seconds(1);
  /// Of kRouterError; drawn where empty.
  std::optional<std::pair<std::uint8_t, std::uint8_t>> error;
  QuoteKind quote = QuoteKind::kAny;
  std::uint32_t answers_per_second = 0;  ///< any number where zero
  std::uint32_t answer_burst = 1;        ///< so many at once, after a pause
  std::vector<base::Duration> trace;     ///< of DelayKind::kTrace; never empty then

  [[nodiscard]] static Host that(Answer answer, const Path& path = {}) {
    Host host;
    host.path = path;
    host.weights = {};
    host.weights[static_cast<std::size_t>(answer)] = 1;
    return host;
  }
  Host& also(Answer answer, std::uint32_t weight) {
    weights[static_cast<std::size_t>(answer)] = weight;
    return *this;
  }
};

}  // namespace sounder::sim
