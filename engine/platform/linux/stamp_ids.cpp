#include "engine/platform/linux/stamp_ids.h"

#include <linux/net_tstamp.h>
#include <sys/socket.h>

#include <algorithm>

namespace sounder::platform {

namespace {

/// As many as leave in the time that a packet may wait for its neighbour, at 80,000/s. A power of two.
constexpr std::uint32_t kRing = 1U << 18U;

/// The kernel gives a neighbour up after three seconds (arp(7): 3 probes of 1 s). Whatever waits for one when the count
/// starts anew has an id that the new count reaches only later.
constexpr auto kSettle = std::chrono::seconds(4);

/// Refusals that come before the kernel makes the packet, on every version: they take no id.
bool takes_no_id(wire::SendFailure failure) {
  return failure == wire::SendFailure::kNoRoute || failure == wire::SendFailure::kInvalid ||
         failure == wire::SendFailure::kAccessDenied || failure == wire::SendFailure::kNoDevice;
}

}  // namespace

StampIds::StampIds(Mode mode) : mode_(mode), probes_(mode == Mode::kCounted ? kRing : 0) {}

void StampIds::on_accepted(wire::ProbeId probe) {
  if (mode_ != Mode::kCounted) return;
  probes_[next_ % kRing] = probe;
  ++next_;
}

void StampIds::on_refused(wire::ProbeId probe, wire::SendFailure failure, base::MonoTime now) {
  if (mode_ != Mode::kCounted || takes_no_id(failure)) return;
  // A local filter drops the packet when it is made, and with it the id that it had got.
  if (failure == wire::SendFailure::kNotPermitted) return on_accepted(probe);
  if (!in_doubt_) doubted_ = now;
  in_doubt_ = true;
}

std::optional<wire::ProbeId> StampIds::find(std::uint32_t kernel_id) const {
  if (mode_ == Mode::kOwn) return wire::ProbeId(kernel_id);
  if (mode_ == Mode::kNone || in_doubt_) return std::nullopt;
  // Ids ahead of our count are stragglers of an earlier one; ids far behind have left the ring.
  const std::uint32_t age = static_cast<std::uint32_t>(next_) - kernel_id;
  if (age == 0 || age > std::min(next_, std::uint64_t{kRing})) return std::nullopt;
  return probes_[kernel_id % kRing];
}

void StampIds::restore(int fd, base::MonoTime now) {
  if (in_doubt_ && now - doubted_ >= kSettle) start(fd);
}

void StampIds::start(int fd) {
  if (mode_ != Mode::kCounted) return;
  int flags = 0;
  socklen_t size = sizeof(flags);
  if (getsockopt(fd, SOL_SOCKET, SO_TIMESTAMPING, &flags, &size) != 0) return;
  // Switching OPT_ID on anew sets the counter to zero (timestamping.rst, 1.3.1).
  const int without = static_cast<int>(static_cast<unsigned>(flags) &
                                       ~(unsigned{SOF_TIMESTAMPING_OPT_ID} | unsigned{SOF_TIMESTAMPING_OPT_TSONLY}));
  if (setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPING, &without, sizeof(without)) != 0) return;
  if (setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPING, &flags, sizeof(flags)) != 0) return;
  next_ = 0;
  in_doubt_ = false;
}

}  // namespace sounder::platform
