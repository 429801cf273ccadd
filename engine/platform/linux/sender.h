/// Sending echo requests on one socket: encoded into buffers that are there from construction on, handed over in
/// batches.
#pragma once

#include <sys/socket.h>

#include <array>
#include <cstddef>
#include <span>
#include <vector>

#include "engine/base/bounded_vector.h"
#include "engine/base/limits.h"
#include "engine/io/clock.h"
#include "engine/platform/linux/control_message.h"
#include "engine/platform/linux/icmp_socket.h"
#include "engine/platform/linux/route_check.h"
#include "engine/platform/linux/socket_address.h"
#include "engine/platform/linux/stamp_ids.h"
#include "engine/wire/packet.h"

namespace sounder::platform {

class Sender {
 public:
  /// `socket`, `ids` and `clock` outlive the sender.
  Sender(const IcmpSocket& socket, StampIds& ids, const io::Clock& clock);

  /// Tries each request of the socket's family and writes its result to the same place of `results`. Others are left
  /// alone. Returns how many of the kernel's refusals were for want of memory.
  std::size_t send(std::span<const wire::TxRequest> requests, std::span<wire::TxResult> results);

 private:
  /// Buffers of the two kinds: nearly all requests are small; a 65,515-byte one is rare and costs much anyway.
  static constexpr std::size_t kSmallRoom = 2048;
  static constexpr std::size_t kLargeRoom = 65'536;
  static constexpr std::size_t kLargeCount = 4;

  [[nodiscard]] bool acceptable(const wire::TxRequest& request) const;
  void send_some(bool dont_fragment);
  void stage(const wire::TxRequest& request, std::size_t index);
  void write_options(const wire::TxRequest& request, ControlWriter& control) const;
  void flush();
  /// What the kernel says to the staged messages from `first` on: how many it took, or errno negated.
  [[nodiscard]] int hand_over(std::size_t first);
  [[nodiscard]] wire::SendFailure failure_of(std::size_t index, int error) const;
  void refuse(std::size_t index, wire::SendFailure failure, base::MonoTime at);
  void set_dont_fragment(bool on);

  const IcmpSocket& socket_;
  StampIds& ids_;
  const io::Clock& clock_;
  RouteCheck routes_;           ///< of IPv6
  bool dont_fragment_ = false;  ///< as the IPv4 socket has it now

  std::span<const wire::TxRequest> requests_;  ///< of the call under way
  std::span<wire::TxResult> results_;
  std::size_t out_of_memory_ = 0;

  std::size_t staged_ = 0;
  std::size_t large_staged_ = 0;
  std::array<std::size_t, base::kSendBatch> request_of_{};  ///< of each staged message
  std::vector<mmsghdr> messages_;
  std::vector<iovec> parts_;
  std::vector<SocketAddress> addresses_;
  std::vector<ControlWriter> controls_;
  std::vector<std::byte> small_;
  std::vector<std::byte> large_;
};

}  // namespace sounder::platform
