/// What crosses the seam between the engine and packet I/O: probes out, their results, packets in, all with stamps.
///
/// All are plain values. The engine never sees an IP header of its own packets, an errno or a file descriptor; packet
/// I/O never sees a target.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "engine/base/ip_address.h"
#include "engine/base/strong_id.h"
#include "engine/base/time.h"

namespace sounder::wire {

/// ICMP echo identifier (RFC 792, RFC 4443 §4.1): random, one for a run of the daemon.
using Identifier = base::StrongId<struct IdentifierTag, std::uint16_t>;
/// The 16-bit sequence number on the wire; wider inside (the low half of `Sequence`).
using WireSequence = base::StrongId<struct WireSequenceTag, std::uint16_t>;
/// A probe's sequence number within its target. Starts at a random value below 2^16 and never wraps in practice.
using Sequence = base::StrongId<struct SequenceTag, std::uint64_t>;
/// Names a probe in flight: the low 24 bits are its slot, the high 8 a generation that changes when the slot is reused.
/// It travels in the payload and as the kernel's id of the TX stamp.
using ProbeId = base::StrongId<struct ProbeIdTag, std::uint32_t>;

[[nodiscard]] constexpr WireSequence to_wire(Sequence sequence) {
  return WireSequence(static_cast<std::uint16_t>(sequence.value() & 0xffffU));
}

/// The first bytes of an echo payload of ours that is long enough (echo_payload.h has the layout).
struct EchoTag {
  ProbeId probe;
  std::uint32_t sequence = 0;  ///< The low 32 bits of the probe's Sequence.
  std::uint64_t tag = 0;       ///< SipHash-2-4 under the run's key; what makes a reply ours.

  friend bool operator==(const EchoTag&, const EchoTag&) = default;
};

/// What a packet carries beside its payload. Zero or empty means: as the system does by default.
struct PacketOptions {
  std::optional<base::IpAddress> source;
  std::uint32_t interface_index = 0;
  std::uint32_t mark = 0;
  std::uint8_t ttl = 64;  ///< IPv4 TTL, IPv6 hop limit; 1 to 255.
  std::uint8_t dscp = 0;  ///< 0 to 63; the upper six bits of TOS or traffic class.
  bool dont_fragment = false;

  friend bool operator==(const PacketOptions&, const PacketOptions&) = default;
};

/// One echo request to be sent. `data_size` counts the bytes after the ICMP header; below kEchoTagSize the payload
/// is the fill pattern alone.
struct TxRequest {
  ProbeId probe;
  base::IpAddress destination;
  Identifier identifier;
  WireSequence sequence;
  EchoTag tag;
  std::uint16_t data_size = 56;
  /// Borrowed from the target's specification; lives until the target's removal has been acknowledged.
  const PacketOptions* options = nullptr;
};

/// Why a probe did not leave this host. Never the network's fault.
enum class SendFailure : std::uint8_t {
  kNone,
  kNoRoute,        ///< ENETUNREACH, EHOSTUNREACH, or a blackhole route
  kNoBuffer,       ///< ENOBUFS, ENOMEM, EAGAIN: queue, neighbour table or send buffer full
  kNotPermitted,   ///< EPERM: a local filter dropped it
  kAccessDenied,   ///< EACCES: a prohibit route, or a broadcast address
  kMessageTooBig,  ///< EMSGSIZE
  kInvalid,        ///< EINVAL: among others a source address that is not ours
  kNoDevice,       ///< ENODEV, ENXIO: the interface does not exist
  kNotSent,        ///< accepted by the system, but evidence shows that it never left
  kOther,
};
inline constexpr std::size_t kSendFailureCount = 10;
[[nodiscard]] const char* to_string(SendFailure failure);

/// What became of a TxRequest. A send that succeeds gives two: kAccepted at once and, where the kernel stamps, kStamp
/// later (possibly after the reply). A refused one gives kRefused alone; or after kAccepted, where the system finds out
/// later.
struct TxResult {
  enum class Kind : std::uint8_t { kAccepted, kRefused, kStamp };

  ProbeId probe;
  Kind kind = Kind::kAccepted;
  SendFailure failure = SendFailure::kNone;  ///< Of kRefused.
  base::MonoTime at{};     ///< kAccepted, kRefused: read before the send call. The bracket opens here.
  base::WallTime stamp{};  ///< kStamp: the kernel's time of handing the packet to the driver.
};

/// A packet that came in: an ICMP message, or an ICMP error that the system delivered already taken apart.
struct RxPacket {
  enum class Form : std::uint8_t {
    kMessage,  ///< `bytes` is the whole ICMP message, from its type on (no IP header).
    kQuoted,   ///< From a socket's error queue: `bytes` is our own echo request as quoted, `error_*` tell the rest.
  };

  Form form = Form::kMessage;
  base::Family family = base::Family::kIpv4;
  bool truncated = false;          ///< The buffer was smaller than the packet.
  bool checksum_verified = false;  ///< The kernel did it (ICMPv6, ping sockets); else the parser must (IPv4 raw).
  std::uint8_t error_type = 0;     ///< kQuoted only
  std::uint8_t error_code = 0;     ///< kQuoted only
  std::optional<std::uint8_t> ttl;
  base::IpAddress source;  ///< Who sent it: the replier, or the router that sent the error.
  /// kMessage: our address that it came to. kQuoted: whom the probe was sent to.
  std::optional<base::IpAddress> destination;
  std::optional<base::WallTime> stamp;  ///< The kernel's RX stamp; empty where it gave none.
  std::span<const std::byte> bytes;     ///< Borrowed until the next receive call.
};

}  // namespace sounder::wire
