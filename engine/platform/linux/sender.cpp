#include "engine/platform/linux/sender.h"

#include <netinet/in.h>

#include <algorithm>
#include <cerrno>

#include "engine/base/check.h"
#include "engine/platform/linux/kernel_constants.h"
#include "engine/platform/linux/send_failure.h"
#include "engine/platform/linux/socket_options.h"
#include "engine/wire/echo_request.h"

namespace sounder::platform {

namespace {

constexpr unsigned kDscpShift = 2;  // below are the two bits of ECN (RFC 3168)

void write_ipv4_options(const wire::PacketOptions& options, ControlWriter& control) {
  if (options.source || options.interface_index != 0) {
    in_pktinfo info{};
    info.ipi_ifindex = static_cast<int>(options.interface_index);
    if (options.source) info.ipi_spec_dst = to_in_addr(*options.source);
    control.add(IPPROTO_IP, IP_PKTINFO, info);
  }
  if (options.ttl != kDefaultTtl) control.add(IPPROTO_IP, IP_TTL, int{options.ttl});
  if (options.dscp != 0) control.add(IPPROTO_IP, IP_TOS, static_cast<int>(unsigned{options.dscp} << kDscpShift));
}

void write_ipv6_options(const wire::PacketOptions& options, ControlWriter& control) {
  if (options.source || options.interface_index != 0) {
    in6_pktinfo info{};
    info.ipi6_ifindex = options.interface_index;
    if (options.source) info.ipi6_addr = to_in6_addr(*options.source);
    control.add(IPPROTO_IPV6, IPV6_PKTINFO, info);
  }
  if (options.ttl != kDefaultTtl) control.add(IPPROTO_IPV6, IPV6_HOPLIMIT, int{options.ttl});
  if (options.dscp != 0) control.add(IPPROTO_IPV6, IPV6_TCLASS, static_cast<int>(unsigned{options.dscp} << kDscpShift));
  if (options.dont_fragment) control.add(IPPROTO_IPV6, IPV6_DONTFRAG, int{1});
}

}  // namespace

Sender::Sender(const IcmpSocket& socket, StampIds& ids, const io::Clock& clock)
    : socket_(socket),
      ids_(ids),
      clock_(clock),
      messages_(base::kSendBatch),
      parts_(base::kSendBatch),
      addresses_(base::kSendBatch),
      controls_(base::kSendBatch),
      small_(base::kSendBatch * kSmallRoom),
      large_(kLargeCount * kLargeRoom) {
  for (std::size_t i = 0; i < base::kSendBatch; ++i) {
    msghdr& header = messages_[i].msg_hdr;
    header.msg_name = &addresses_[i];
    header.msg_iov = &parts_[i];
    header.msg_iovlen = 1;
  }
}

std::size_t Sender::send(std::span<const wire::TxRequest> requests, std::span<wire::TxResult> results) {
  requests_ = requests;
  results_ = results;
  out_of_memory_ = 0;
  send_some(false);
  // Do-not-fragment is a property of an IPv4 socket, not of a packet, so those that want it go together.
  if (socket_.is_v4()) send_some(true);
  return out_of_memory_;
}

void Sender::send_some(bool dont_fragment) {
  for (std::size_t i = 0; i < requests_.size(); ++i) {
    const wire::TxRequest& request = requests_[i];
    if (request.destination.family() != socket_.family) continue;
    SOUNDER_CHECK(request.options != nullptr);
    if (socket_.is_v4() && request.options->dont_fragment != dont_fragment) continue;
    if (!acceptable(request)) {
      refuse(i, wire::SendFailure::kInvalid, clock_.mono_now());
      continue;
    }
    if (staged_ == 0 && socket_.is_v4()) set_dont_fragment(dont_fragment);
    stage(request, i);
  }
  flush();
}

/// Unprivileged IPv6 sockets take a source address and ignore it; no packet is better than one from elsewhere.
bool Sender::acceptable(const wire::TxRequest& request) const {
  const auto& source = request.options->source;
  if (!source) return true;
  return source->family() == socket_.family && (socket_.is_raw() || socket_.is_v4());
}

void Sender::stage(const wire::TxRequest& request, std::size_t index) {
  const bool large = wire::kIcmpHeaderSize + request.data_size > kSmallRoom;
  if (large && large_staged_ == kLargeCount) flush();
  const std::size_t slot = staged_++;
  const auto room = large ? std::span(large_).subspan(large_staged_++ * kLargeRoom, kLargeRoom)
                          : std::span(small_).subspan(slot * kSmallRoom, kSmallRoom);
  request_of_.at(slot) = index;
  parts_[slot] = {room.data(), wire::encode_echo_request(request, room)};
  msghdr& header = messages_[slot].msg_hdr;
  header.msg_namelen = to_native(request.destination, addresses_[slot]);
  ControlWriter& control = controls_[slot];
  control.clear();
  write_options(request, control);
  header.msg_control = control.size() != 0 ? control.data() : nullptr;
  header.msg_controllen = control.size();
}

/// A control message only where the request asks for something: each is a little work for the kernel.
void Sender::write_options(const wire::TxRequest& request, ControlWriter& control) const {
  const wire::PacketOptions& options = *request.options;
  socket_.is_v4() ? write_ipv4_options(options, control) : write_ipv6_options(options, control);
  if (options.mark != 0) control.add(SOL_SOCKET, SO_MARK, options.mark);
  if (ids_.mode() == StampIds::Mode::kOwn) control.add(SOL_SOCKET, kScmTsOptId, request.probe.value());
}

void Sender::flush() {
  for (std::size_t next = 0; next < staged_;) {
    const base::MonoTime at = clock_.mono_now();
    const int taken = hand_over(next);
    if (taken < 0) {
      refuse(request_of_.at(next), failure_of(request_of_.at(next), -taken), at);
      ++next;
      continue;
    }
    for (const std::size_t end = next + static_cast<std::size_t>(taken); next < end; ++next) {
      wire::TxResult& result = results_[request_of_.at(next)];
      result = {};
      result.probe = requests_[request_of_.at(next)].probe;
      result.at = at;
      ids_.on_accepted(result.probe);
    }
  }
  staged_ = 0;
  large_staged_ = 0;
}

/// sendmmsg stops at the first refusal and forgets its reason, unless it is the first message's: asking again from that
/// one is exact. On a ping socket the reason may be an ICMP error for another target, which the kernel reports once.
int Sender::hand_over(std::size_t first) {
  const auto attempt = [&] {
    int taken = 0;
    do {
      taken = sendmmsg(socket_.fd.get(), messages_.data() + first, static_cast<unsigned>(staged_ - first),
                       MSG_DONTWAIT | MSG_NOSIGNAL);
    } while (taken < 0 && errno == EINTR);
    return taken < 0 ? -errno : taken;
  };
  const int taken = attempt();
  return taken < 0 && !socket_.is_raw() ? attempt() : taken;
}

/// EINVAL is a blackhole route in IPv4, which says ENETUNREACH to a source that is not ours. In IPv6 it is that source,
/// if one was asked for, and else either a blackhole or a neighbour table that is full.
wire::SendFailure Sender::failure_of(std::size_t index, int error) const {
  const wire::TxRequest& request = requests_[index];
  if (error != EINVAL || socket_.is_v4()) return to_send_failure(error);
  const wire::PacketOptions& options = *request.options;
  if (options.source) return wire::SendFailure::kInvalid;
  const bool plain = options.interface_index == 0 && options.mark == 0;
  return plain && routes_.has_route(request.destination) ? wire::SendFailure::kNoBuffer : to_send_failure(error);
}

void Sender::refuse(std::size_t index, wire::SendFailure failure, base::MonoTime at) {
  const wire::TxRequest& request = requests_[index];
  wire::TxResult& result = results_[index];
  result = {};
  result.probe = request.probe;
  result.kind = wire::TxResult::Kind::kRefused;
  result.failure = failure;
  result.at = at;
  ids_.on_refused(request.probe, failure, at);
  if (failure == wire::SendFailure::kNoBuffer) ++out_of_memory_;
}

/// PROBE and not DO: the packet leaves even where an earlier "fragmentation needed" has lowered the path's MTU, so that
/// the network answers for itself each time (ip(7)).
void Sender::set_dont_fragment(bool on) {
  if (on == dont_fragment_) return;
  const int value = on ? IP_PMTUDISC_PROBE : IP_PMTUDISC_DONT;
  // Can fail only for a value the kernel does not know, and both are older than Linux 3.
  (void)set_option(socket_.fd.get(), IPPROTO_IP, IP_MTU_DISCOVER, value, "set IP_MTU_DISCOVER");
  dont_fragment_ = on;
}

}  // namespace sounder::platform
