/// Limits of the broker, each with its reason; what of them an operator may change is in settings.h.
///
/// `sounder_broker_*` shows how full each is; a refusal names the limit, its size and its use.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "engine/base/time.h"

namespace sounder::broker {

/// One message of a client, without its length: what a session may hold of an unfinished one. 1,024 watches, or 128
/// echo requests, fit.
inline constexpr std::size_t kMaxClientFrame = std::size_t{16} << 10U;
/// One message to a client; the broker makes them shorter, about kFrameGoal.
inline constexpr std::size_t kMaxBrokerFrame = std::size_t{64} << 10U;
/// How long a message with many parts becomes before the next one begins: the Unix socket is charged by the piece, so
/// that small ones waste it, and a client in the middle of one is told nothing else.
inline constexpr std::size_t kFrameGoal = std::size_t{4} << 10U;

inline constexpr std::size_t kMaxRegistrationsPerMessage = 1024;
inline constexpr std::size_t kMaxEchoesPerMessage = 128;
inline constexpr std::size_t kMaxProgramName = 64;
/// Requests of a client that wait for their answers to be taken: an answer is short until it is written, and has its
/// place in the session. More than these end it, so that nothing grows for a client that asks and does not read.
inline constexpr std::size_t kMaxUnanswered = 8;

/// A client that says nothing, or stops in the middle of a message, holds a place for no longer than this.
inline constexpr base::Duration kHandshakeTime = std::chrono::seconds(2);
inline constexpr base::Duration kFrameTime = std::chrono::seconds(5);

/// Work in one turn of the loop: registrations reclaimed (a third of a millisecond), echo requests handed to the
/// engine.
inline constexpr std::size_t kReclaimSlice = 4096;
inline constexpr std::size_t kEchoesPerTurn = 64;
/// Deficit round robin: packets a client may send in its turn before the next one has its own.
inline constexpr std::size_t kQuantum = 8;

/// Events kept for edge streams, of network changes and of outcomes: 8 MiB each, a second at 64,000 a second. Who falls
/// further behind is told how much was missed.
inline constexpr std::size_t kEventRing = std::size_t{1} << 16U;

/// Results kept of a monitor whose client does not read.
inline constexpr std::size_t kDefaultKeep = 8;
inline constexpr std::size_t kMaxKeep = 64;

/// Of each of the broker's own limits, this part is kept for administrators, so that one can always look.
inline constexpr unsigned kReservedPercent = 2;

}  // namespace sounder::broker
