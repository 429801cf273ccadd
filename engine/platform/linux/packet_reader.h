/// From what recvmsg gives to wire::RxPacket.
#pragma once

#include <optional>

#include "engine/platform/linux/icmp_socket.h"
#include "engine/platform/linux/message_batch.h"
#include "engine/wire/packet.h"

namespace sounder::platform {

/// The ICMP message of a received packet. Nothing if an IPv4 packet's header is not one.
[[nodiscard]] std::optional<wire::RxPacket> read_packet(const IcmpSocket& socket, MessageBatch& batch,
                                                        std::size_t index);

}  // namespace sounder::platform
