#include "engine/platform/windows/control_data.h"

#include <cstring>

namespace sounder::platform::windows {

namespace {

/// The value of a control message, if it is long enough for one.
template <class Value>
bool read(const WSACMSGHDR& header, Value& value) {
  if (header.cmsg_len < WSA_CMSG_LEN(sizeof(Value))) return false;
  std::memcpy(&value, WSA_CMSG_DATA(&header), sizeof(Value));
  return true;
}

void take(const WSACMSGHDR& header, Envelope& envelope) {
  if (header.cmsg_level != IPPROTO_IPV6) return;
  in6_pktinfo info{};
  INT hops = 0;
  if (header.cmsg_type == IPV6_PKTINFO && read(header, info)) {
    envelope.destination = from_native(info.ipi6_addr, info.ipi6_ifindex);
  } else if (header.cmsg_type == IPV6_HOPLIMIT && read(header, hops)) {
    envelope.ttl = static_cast<std::uint8_t>(hops);
  }
}

}  // namespace

Envelope read_envelope(const WSAMSG& message, const SocketAddress& sender) {
  Envelope envelope;
  envelope.source = from_native(sender.any);
  if ((message.dwFlags & MSG_CTRUNC) != 0) return envelope;
  for (const WSACMSGHDR* header = WSA_CMSG_FIRSTHDR(&message); header != nullptr;
       header = WSA_CMSG_NXTHDR(&message, header)) {
    take(*header, envelope);
  }
  return envelope;
}

}  // namespace sounder::platform::windows
