/// The seam to the kernel's packet path: batches of echo requests out, batches of packets and TX stamps in.
///
/// One caller on one thread: the probe loop. A virtual call a batch, never a packet. Implementations own all their
/// buffers from construction on and allocate nothing afterwards.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>

#include "engine/base/bounded_vector.h"
#include "engine/base/time.h"
#include "engine/wire/packet.h"

namespace sounder::io {

/// What one receive call found. The spans are borrowed until the next call.
struct Received {
  std::span<const wire::RxPacket> packets;
  /// Kind::kStamp; and kRefused for what had been accepted, where the system finds out later that it can't be sent.
  std::span<const wire::TxResult> stamps;
  /// Packets that our receive queues lost since the last look at them, which is at once where a call left something
  /// unread, and a few milliseconds later at most where it did not. Never too few. Linux counts some too many: whatever
  /// ICMP packet came while a queue was full, also one that it would have refused, and ICMPv6 with bad checksums.
  std::uint64_t overflowed = 0;
  bool stamps_lost = false;  ///< TX stamps may have been lost since the last call
  /// Everything that had arrived when the call began has been delivered; else call again before expiring anything.
  bool drained = true;
  /// Where `drained`: nothing that arrived before this is left. As a rule `began`; earlier where the system hands
  /// packets over by and by (completions on Windows), so that the last of them may still be on their way.
  base::MonoTime drained_to{};
  base::MonoTime began{};  ///< read at the beginning of the call
  base::MonoTime at{};     ///< read at its end
  base::WallTime at_wall{};
};

/// What an implementation can do here, found out by trying when it was opened.
struct PacketIoTraits {
  bool ipv4 = false;
  bool ipv6 = false;
  bool raw = false;        ///< raw sockets; else unprivileged ICMP ("ping") sockets
  bool tx_stamps = false;  ///< the kernel stamps sends, and pairs them by our id
  bool rx_stamps = false;
  bool counts_overflow = true;     ///< the system says how many packets our queue lost; else they are timeouts
  wire::Identifier identifier_v4;  ///< what the requests will carry; ping sockets choose their own
  wire::Identifier identifier_v6;
  std::size_t receive_buffer = 0;  ///< bytes granted, not asked
  std::size_t send_buffer = 0;
};

class PacketIo {
 public:
  PacketIo() = default;
  PacketIo(const PacketIo&) = delete;
  PacketIo& operator=(const PacketIo&) = delete;
  virtual ~PacketIo() = default;

  [[nodiscard]] virtual const PacketIoTraits& traits() const = 0;

  /// Tries to send each request, in order; at most kSendBatch. Appends one kAccepted or kRefused for each to `results`.
  /// Never blocks and never retries a refusal for another target's sake: each result is that request's own.
  virtual void send(std::span<const wire::TxRequest> requests, base::BoundedVector<wire::TxResult>& results) = 0;

  /// Takes up to kReceiveBatch packets and as many stamps of what has arrived. Never blocks.
  [[nodiscard]] virtual Received receive() = 0;

  /// Calls `ready` once, from the loop's executor, when receive() has something to give. One wait at a time.
  virtual void async_wait(std::function<void()> ready) = 0;
  /// Ends the wait without calling its handler later. No handler runs after it returned.
  virtual void cancel_wait() = 0;
};

}  // namespace sounder::io
