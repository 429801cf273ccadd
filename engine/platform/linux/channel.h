/// One family's socket with all that belongs to it: sending, both receive queues, its memory.
#pragma once

#include <cstdint>

#include "engine/base/bounded_vector.h"
#include "engine/base/time.h"
#include "engine/io/clock.h"
#include "engine/platform/linux/icmp_socket.h"
#include "engine/platform/linux/message_batch.h"
#include "engine/platform/linux/self_test.h"
#include "engine/platform/linux/sender.h"
#include "engine/platform/linux/stamp_ids.h"
#include "engine/wire/packet.h"

namespace sounder::platform {

/// What a receive call fills, over all channels.
struct ReceiveStore {
  ReceiveStore();
  void clear();

  MessageBatch messages;
  MessageBatch errors;
  base::BoundedVector<wire::RxPacket> packets;
  base::BoundedVector<wire::TxResult> stamps;
};

class Channel {
 public:
  Channel(IcmpSocket socket, const StampSupport& support, const io::Clock& clock);
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;

  [[nodiscard]] const IcmpSocket& socket() const { return socket_; }

  /// As Sender::send.
  std::size_t send(std::span<const wire::TxRequest> requests, std::span<wire::TxResult> results, base::MonoTime now);

  /// Nothing was sent for longer than any reply is waited for, so that nothing urgent can be here.
  [[nodiscard]] bool quiet(base::MonoTime now) const;

  /// Reads packets first, then the error queue, as far as the store has room. Returns whether both were empty.
  bool receive(ReceiveStore& store);

  /// Stamps share the memory with packets and are dropped without a count, so a receive() that freed much of it, or
  /// stamps that can't be told apart, are reason enough to trust no missing one. No system call.
  [[nodiscard]] bool stamps_doubtful() const;

  /// Whether losses() may have something new to tell.
  [[nodiscard]] bool wants_look(base::MonoTime now, bool drained) const;
  struct Losses {
    std::uint64_t packets = 0;
    bool stamps = false;
  };
  /// The kernel's account of the socket since the last call: one system call.
  Losses look_at_losses(base::MonoTime now);

 private:
  enum class Queue { kEmpty, kMore };
  Queue read_packets(ReceiveStore& store);
  Queue read_errors(ReceiveStore& store);
  void take_entry(ReceiveStore& store, std::size_t index);

  IcmpSocket socket_;
  StampIds ids_;
  Sender sender_;
  base::MonoTime last_send_ = base::MonoTime::min();
  base::MonoTime last_look_ = base::MonoTime::min();
  std::uint32_t drops_ = 0;      ///< as the kernel last told
  std::size_t memory_read_ = 0;  ///< that the last receive() freed
  bool pending_error_ = false;   ///< an ICMP error may have cut a batch short
  bool received_ = false;        ///< something, since the last look at the losses
};

}  // namespace sounder::platform
