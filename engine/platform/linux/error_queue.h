/// The error queue of a socket: TX stamps, and ICMP errors taken apart by the kernel.
#pragma once

#include <optional>

#include "engine/platform/linux/icmp_socket.h"
#include "engine/platform/linux/message_batch.h"
#include "engine/platform/linux/stamp_ids.h"
#include "engine/wire/packet.h"

namespace sounder::platform {

/// One entry: at most one of the two.
struct ErrorQueueEntry {
  std::optional<wire::TxResult> stamp;
  std::optional<wire::RxPacket> icmp_error;  ///< ping sockets alone: a raw socket has the error as a packet too
  bool from_icmp = false;                    ///< the socket has, or had, a pending error of it
};
[[nodiscard]] ErrorQueueEntry read_error_queue_entry(const IcmpSocket& socket, const StampIds& ids, MessageBatch& batch,
                                                     std::size_t index);

}  // namespace sounder::platform
