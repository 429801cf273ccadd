/// What the network did to each packet: what the expected counts are computed from.
#pragma once

#include <cstdint>
#include <deque>

#include "engine/base/ip_address.h"
#include "engine/base/time.h"
#include "tests/sim/host.h"

namespace sounder::sim {

/// What a packet really is.
enum class Essence : std::uint8_t {
  kReply,        ///< of the probe's target, unharmed (maybe shorter)
  kForeign,      ///< unharmed, but sent by another address
  kCorrupt,      ///< carries something wrong
  kBadChecksum,  ///< to be recognised by the checksum alone
  kRouterError,  ///< a true ICMP error
  kOwnError,     ///< one from our own address
  kForgedError,  ///< one that quotes what we never sent
};

/// What the network did with a request.
enum class Fate : std::uint8_t {
  kNobody,    ///< no host has this address
  kDark,      ///< swallowed by a black hole
  kLost,      ///< on the path
  kLimited,   ///< the host had given all the answers that its rate allows
  kAnswered,  ///< by `Answer`, which may be silence
};

struct PacketLog {
  struct Request {
    base::IpAddress destination;
    std::uint16_t identifier = 0;
    std::uint16_t sequence = 0;
    Fate fate = Fate::kNobody;
    Answer answer = Answer::kSilent;
    base::MonoTime earliest{};  ///< it left the daemon's host no earlier than this
    base::MonoTime read{};      ///< and no later
  };
  struct Arrival {
    std::uint32_t request = 0;  ///< index of what caused it
    Answer answer = Answer::kReply;
    Essence essence = Essence::kReply;
    std::uint8_t type = 0;
    std::uint8_t code = 0;
    bool delivered = true;    ///< false: the interface was down, or the address it was for was gone
    base::MonoTime before{};  ///< it reached the daemon's host no earlier than this
    base::MonoTime after{};   ///< and no later
  };
  // A vector that grows stands still for as long as it copies: hundreds of milliseconds after some minutes in real
  // time.
  std::deque<Request> requests;
  std::deque<Arrival> arrivals;  ///< in the order in which they arrived
};

}  // namespace sounder::sim
