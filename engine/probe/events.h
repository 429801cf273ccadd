/// What leaves the probing core: outcomes, stray replies and changes of a target's state. All of it is data.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "engine/base/ip_address.h"
#include "engine/base/strong_id.h"
#include "engine/base/time.h"
#include "engine/wire/packet.h"

namespace sounder::probe {

/// A target's place in the engine's table. Reused after the target's removal has been acknowledged.
using TargetSlot = base::StrongId<struct TargetSlotTag, std::uint32_t>;

/// What became of a due time; exactly one of these.
enum class OutcomeKind : std::uint8_t { kReply, kTimeout, kIcmpError, kLocalDrop, kSendFailed, kSlipped };
inline constexpr std::size_t kOutcomeKinds = 6;
[[nodiscard]] const char* to_string(OutcomeKind kind);  ///< as the label `outcome` spells it

/// A reply that is no success and no outcome.
enum class StrayKind : std::uint8_t {
  kLate,       ///< after the timeout or an ICMP error of its probe
  kDuplicate,  ///< after its reply
  kForeign,    ///< from another address
  kCorrupt,    ///< tag, identifier, sequence or data wrong
};
inline constexpr std::size_t kStrayKinds = 4;
[[nodiscard]] const char* to_string(StrayKind kind);

/// Where a stamp comes from.
enum class StampSource : std::uint8_t { kNone, kKernel, kUser };

/// A round-trip time with its pedigree: of the kernel's stamps, or the monotonic bracket where they are missing or
/// absurd.
struct RoundTrip {
  base::Duration time{};
  StampSource tx = StampSource::kNone;
  StampSource rx = StampSource::kNone;

  friend bool operator==(const RoundTrip&, const RoundTrip&) = default;
};

/// Type and code of an ICMP error (RFC 792, RFC 4443 §3) and who sent it.
struct IcmpErrorInfo {
  base::Family family = base::Family::kIpv4;
  std::uint8_t type = 0;
  std::uint8_t code = 0;
  base::IpAddress reporter;

  friend bool operator==(const IcmpErrorInfo&, const IcmpErrorInfo&) = default;
};

/// Why a target is in its state, in words an operator knows.
enum class Reason : std::uint8_t {
  kNone,  ///< no outcome yet, or up
  // Of the network and the target.
  kTimeout,
  kNoNeighbour,  ///< on the link, and did not answer for its link address
  kNetUnreachable,
  kHostUnreachable,
  kProtocolUnreachable,
  kPortUnreachable,
  kFragmentationNeeded,  ///< IPv6: packet too big
  kAdminProhibited,
  kOtherUnreachable,
  kTtlExceeded,
  kParameterProblem,
  kOtherIcmpError,
  // Of this host: nothing can be said of the target.
  kNoRoute,
  kNoCarrier,      ///< the interface that it would leave by is down or has lost its link
  kNoDevice,       ///< the interface that it is to leave by does not exist
  kNotSent,        ///< accepted by the system, and never left: a silent gateway, a full queue, a filter
  kNotPermitted,   ///< a local filter
  kAccessDenied,   ///< a prohibit route, or a broadcast address
  kInvalid,        ///< among others a source address that is not ours
  kMessageTooBig,  ///< for the interface, with `dont_fragment`
  kNoBuffer,
  kSendFailed,  ///< for another reason
  kUnresolved,
};
[[nodiscard]] const char* to_string(Reason reason);
/// The reason that an ICMP error of this family, type and code stands for.
[[nodiscard]] Reason to_reason(base::Family family, std::uint8_t type, std::uint8_t code);

enum class TargetState : std::uint8_t {
  kUnknown,
  kUp,
  kDown,
  kUnreachable,  ///< from here: no probe can leave this host, so that nothing is known of the target
};
[[nodiscard]] const char* to_string(TargetState state);

/// One due time's end; after a stall, the end of several slipped ones in a row.
struct Outcome {
  TargetSlot target;
  wire::Sequence sequence;  ///< of kSlipped: the number that the next probe will have, since a slip uses none
  OutcomeKind kind = OutcomeKind::kTimeout;
  wire::SendFailure send_failure = wire::SendFailure::kNone;  ///< of kSendFailed
  base::MonoTime due{};
  std::uint64_t count = 1;                  ///< of kSlipped: so many due times, the first at `due`; of all others 1
  RoundTrip rtt;                            ///< of kReply
  std::optional<std::uint8_t> ttl;          ///< of kReply
  std::uint16_t data_size = 0;              ///< of kReply: data bytes that came back
  std::optional<IcmpErrorInfo> icmp_error;  ///< of kIcmpError

  friend bool operator==(const Outcome&, const Outcome&) = default;
};

/// A reply that counts for nothing but its own counter. The target is empty where no target can be named.
struct StrayReply {
  std::optional<TargetSlot> target;
  StrayKind kind = StrayKind::kCorrupt;
  base::IpAddress source;
  std::optional<wire::Sequence> sequence;

  friend bool operator==(const StrayReply&, const StrayReply&) = default;
};

/// A target went up or down, or out of our reach, or nothing is known of it any more since it came back into it.
struct StateChange {
  TargetSlot target;
  TargetState state = TargetState::kUnknown;
  Reason reason = Reason::kNone;
  std::optional<base::IpAddress> reporter;  ///< the router that sent the ICMP error

  friend bool operator==(const StateChange&, const StateChange&) = default;
};

}  // namespace sounder::probe
