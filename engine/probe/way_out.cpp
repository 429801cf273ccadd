#include "engine/probe/way_out.h"

#include <algorithm>

namespace sounder::probe {

net::Path path_of(const net::Paths* paths, const base::IpAddress& address, const wire::PacketOptions& packet) {
  if (paths == nullptr) return {};
  const std::uint32_t asked = packet.interface_index;
  const net::InterfaceIndex interface(asked != 0 ? asked : address.scope());
  return paths->find({address, interface, packet.mark});
}

Reason obstacle_on(const net::Path& path) {
  switch (path.kind) {
    case net::Path::Kind::kNone:
      return Reason::kNoRoute;
    case net::Path::Kind::kOnLink:
    case net::Path::Kind::kGateway:
      return path.carrier ? Reason::kNone : Reason::kNoCarrier;
    case net::Path::Kind::kUnknown:
    case net::Path::Kind::kLocal:
      return Reason::kNone;
  }
  return Reason::kNone;
}

Reason to_reason(wire::SendFailure failure) {
  switch (failure) {
    case wire::SendFailure::kNoRoute:
      return Reason::kNoRoute;
    case wire::SendFailure::kNoBuffer:
      return Reason::kNoBuffer;
    case wire::SendFailure::kNotPermitted:
      return Reason::kNotPermitted;
    case wire::SendFailure::kAccessDenied:
      return Reason::kAccessDenied;
    case wire::SendFailure::kMessageTooBig:
      return Reason::kMessageTooBig;
    case wire::SendFailure::kInvalid:
      return Reason::kInvalid;
    case wire::SendFailure::kNoDevice:
      return Reason::kNoDevice;
    case wire::SendFailure::kNotSent:
      return Reason::kNotSent;
    case wire::SendFailure::kNone:
    case wire::SendFailure::kOther:
      return Reason::kSendFailed;
  }
  return Reason::kSendFailed;
}

bool proves_no_way(wire::SendFailure failure) {
  return failure == wire::SendFailure::kNoRoute || failure == wire::SendFailure::kNoDevice ||
         failure == wire::SendFailure::kAccessDenied || failure == wire::SendFailure::kInvalid;
}

void StampDoubts::add(net::InterfaceIndex interface) {
  if (size_ == kInterfaces || contains(interface)) return;
  interfaces_[size_++] = interface;
}

void StampDoubts::remove(net::InterfaceIndex interface) {
  const auto end = interfaces_.begin() + static_cast<std::ptrdiff_t>(size_);
  const auto found = std::find(interfaces_.begin(), end, interface);
  if (found == end) return;
  *found = interfaces_[--size_];
}

bool StampDoubts::contains(net::InterfaceIndex interface) const {
  const auto end = interfaces_.begin() + static_cast<std::ptrdiff_t>(size_);
  return size_ == kInterfaces || std::find(interfaces_.begin(), end, interface) != end;
}

}  // namespace sounder::probe
