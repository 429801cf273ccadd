/// The BPF programs of raw sockets. Every raw socket is handed a copy of every ICMP packet of the host; what a filter
/// refuses costs neither memory nor a count of drops.
#pragma once

#include "engine/base/ip_address.h"
#include "engine/base/result.h"
#include "engine/wire/packet.h"

namespace sounder::platform {

/// Lets nothing in. For the time between making a socket and having it set up.
[[nodiscard]] base::Result<void> attach_closed_filter(int fd);

/// Lets in echo replies with our identifier, and ICMP errors that quote an echo request with it (IPv4 types 3, 11 and
/// 12, RFC 792; ICMPv6 types 1 to 4, RFC 4443). ICMPv6 errors whose quote begins with an extension header pass
/// unseen: where the request starts in them is the parser's to find. Replaces an earlier filter in one step.
[[nodiscard]] base::Result<void> attach_echo_filter(int fd, base::Family family, wire::Identifier identifier);

/// Keeps all other types of ICMP message away from a raw socket, among them neighbour discovery (RFC 3542 §3.2). This
/// comes before the packet filter, and before the kernel counts what a full queue lost.
[[nodiscard]] base::Result<void> set_icmp_types(int fd, base::Family family);

}  // namespace sounder::platform
