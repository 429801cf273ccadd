/// One echo request outside the schedule of the targets, and what became of it.
#pragma once

#include <cstdint>
#include <optional>

#include "engine/base/ip_address.h"
#include "engine/base/strong_id.h"
#include "engine/base/time.h"
#include "engine/probe/events.h"
#include "engine/wire/packet.h"

namespace sounder::probe {

/// Names an echo request for whoever made it; the engine only hands it back.
using EchoTicket = base::StrongId<struct EchoTicketTag, std::uint64_t>;

/// The bounds of its fields are the configuration's: timeout 1 ms to 1 min, size up to wire::kMaxEchoData, TTL 1 to
/// 255.
struct EchoRequest {
  EchoTicket ticket;
  base::IpAddress address;
  wire::PacketOptions packet;
  base::Duration timeout = std::chrono::seconds(2);
  std::uint16_t size = 56;
  bool accept_foreign = false;  ///< a reply from another address is a reply too
};

/// Exactly one for each request. Never kSlipped. Late and duplicate replies to an echo are counted as such by the
/// engine's numbers, and told to nobody.
struct EchoResult {
  EchoTicket ticket;
  OutcomeKind kind = OutcomeKind::kTimeout;
  wire::SendFailure send_failure = wire::SendFailure::kNone;  ///< of kSendFailed
  Reason reason = Reason::kNone;                              ///< as a target's state would have it
  RoundTrip rtt;                                              ///< of kReply
  std::optional<std::uint8_t> ttl;                            ///< of kReply
  std::uint16_t data_size = 0;                                ///< of kReply: data bytes that came back
  std::optional<IcmpErrorInfo> icmp_error;                    ///< of kIcmpError

  friend bool operator==(const EchoResult&, const EchoResult&) = default;
};

}  // namespace sounder::probe
