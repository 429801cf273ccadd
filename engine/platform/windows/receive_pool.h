/// The receives that a socket has outstanding, so that packets are taken from the system while nobody looks.
#pragma once

#include <boost/asio/io_context.hpp>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "engine/base/log.h"
#include "engine/platform/windows/drain_horizon.h"
#include "engine/platform/windows/icmp_socket.h"
#include "engine/platform/windows/inbox.h"
#include "engine/platform/windows/operation_room.h"
#include "engine/wire/packet.h"

namespace sounder::platform::windows {

/// What the receives of both families share. Outlives close() of the pools.
struct ReceiveSink {
  Inbox& inbox;
  DrainHorizon& horizon;
  std::function<void()> arrived;  ///< something is in the inbox, or is waiting for room in it
};

/// Receives of one socket. Completions hold the pool, so that the buffers that the system writes to live until the last
/// one came, however the socket ended. Thread: the loop's, or while that does not run.
class ReceivePool : public std::enable_shared_from_this<ReceivePool> {
 public:
  struct Size {
    std::size_t receives = 0;  ///< outstanding at once
    std::size_t bytes = 0;     ///< of each; a larger packet is cut and says so
  };
  /// No IP packet is larger.
  static constexpr std::size_t kMostBytes = 65'536;

  ReceivePool(SocketCalls& calls, boost::asio::io_context& loop, std::unique_ptr<IcmpSocket> socket, const Size& size,
              wire::Identifier identifier, base::Logger& log);
  ~ReceivePool();
  ReceivePool(const ReceivePool&) = delete;
  ReceivePool& operator=(const ReceivePool&) = delete;

  /// Posts the first receives; `sink` is used until close(). Fewer than asked for if there is no memory for more; none
  /// is an error.
  [[nodiscard]] base::Result<void> start(ReceiveSink sink);
  /// Brings what waited for room into the inbox, and posts every receive that can be.
  void pump();
  /// Packets wait for room in the inbox.
  [[nodiscard]] bool has_held() const { return !held_.empty(); }
  /// Nothing is given to the sink any more; what is outstanding is cancelled.
  void close();

  [[nodiscard]] std::size_t outstanding() const { return outstanding_; }
  [[nodiscard]] const IcmpSocket& socket() const { return *socket_; }

 private:
  struct Slot;
  struct Completion;

  [[nodiscard]] std::size_t place() const { return socket_->family() == base::Family::kIpv4 ? 0 : 1; }
  void prepare(Slot& slot);
  int post(std::size_t index);
  void on_complete(std::size_t index, int error, std::size_t bytes);
  [[nodiscard]] bool deliver(const Slot& slot);
  void note(int error);

  SocketCalls& calls_;
  boost::asio::io_context& loop_;
  std::unique_ptr<IcmpSocket> socket_;
  Size size_;
  wire::Identifier identifier_;
  base::Logger& log_;
  std::optional<ReceiveSink> sink_;  ///< until close()

  std::vector<Slot> slots_;
  std::unique_ptr<std::byte[]> buffers_;
  std::unique_ptr<std::byte[]> spill_;  ///< where the ends of packets go that are larger than a buffer
  std::vector<std::size_t> idle_;       ///< to be posted by the next pump()
  std::vector<std::size_t> held_;       ///< with a packet for which the inbox has no room, oldest first
  std::size_t outstanding_ = 0;
  bool short_of_memory_ = false;
  bool failed_before_ = false;
};

}  // namespace sounder::platform::windows
