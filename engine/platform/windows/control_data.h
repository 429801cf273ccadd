/// Control messages of a received packet.
#pragma once

#include <array>
#include <cstddef>

#include "engine/platform/windows/received_packet.h"
#include "engine/platform/windows/socket_address.h"
#include "engine/platform/windows/system_headers.h"
// After the headers of Windows, whose types it uses.
#include <mswsock.h>

namespace sounder::platform::windows {

/// Room for what an ICMPv6 socket is asked to say: IPV6_PKTINFO and IPV6_HOPLIMIT.
struct ControlRoom {
  alignas(WSACMSGHDR) std::array<std::byte, 128> bytes;
};

/// Of an ICMPv6 packet: its sender, and what the control messages say.
[[nodiscard]] Envelope read_envelope(const WSAMSG& message, const SocketAddress& sender);

}  // namespace sounder::platform::windows
