/// The memory of sends that are under way: a batch of them, and never more.
#pragma once

#include <boost/asio/io_context.hpp>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "engine/base/bounded_vector.h"
#include "engine/base/log.h"
#include "engine/platform/windows/icmp_socket.h"
#include "engine/platform/windows/operation_room.h"
#include "engine/platform/windows/socket_address.h"
#include "engine/wire/packet.h"

namespace sounder::platform::windows {

/// Buffers of requests until their sends completed, which as a rule is at once. Completions hold the pool. Thread: the
/// loop's, or while that does not run.
class SendPool : public std::enable_shared_from_this<SendPool> {
 public:
  SendPool(SocketCalls& calls, boost::asio::io_context& loop, base::Logger& log);
  ~SendPool();
  SendPool(const SendPool&) = delete;
  SendPool& operator=(const SendPool&) = delete;

  /// Encodes the request and hands it to the system, once. With an IPv6 `source` its checksum is ours. Winsock's error
  /// number, or 0; the number for want of memory if as many sends as fit are under way.
  [[nodiscard]] int send(const IcmpSocket& socket, const wire::TxRequest& request,
                         const std::optional<base::IpAddress>& source);

  /// Sends that had been accepted and failed later, since the last call. Valid until the next.
  [[nodiscard]] std::span<const wire::TxResult> take_failures();

  /// Sends whose completion is still to come.
  [[nodiscard]] std::size_t under_way() const;

 private:
  struct Slot;
  struct Completion;

  /// Nearly all requests are small; a 65,515-byte one is rare and costs much anyway.
  static constexpr std::size_t kSmallRoom = 2048;
  static constexpr std::size_t kLargeRoom = 65'536;
  static constexpr std::size_t kLargeCount = 16;

  [[nodiscard]] std::vector<std::size_t>& free_of(std::size_t index);
  [[nodiscard]] int hand_over(const IcmpSocket& socket, std::size_t index, std::size_t size,
                              const base::IpAddress& destination);
  void on_complete(std::size_t index, int error);

  SocketCalls& calls_;
  boost::asio::io_context& loop_;
  base::Logger& log_;
  std::vector<Slot> slots_;
  std::unique_ptr<std::byte[]> small_;
  std::unique_ptr<std::byte[]> large_;
  std::vector<std::size_t> free_small_;
  std::vector<std::size_t> free_large_;
  bool failed_before_ = false;
  base::BoundedVector<wire::TxResult> failures_;
  base::BoundedVector<wire::TxResult> taken_;
};

}  // namespace sounder::platform::windows
