/// A raw ICMP socket on the loop's completion port.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/icmp.hpp>
#include <cstddef>
#include <memory>
#include <optional>

#include "engine/base/result.h"
#include "engine/platform/windows/socket_calls.h"
#include "engine/wire/packet.h"

namespace sounder::platform::windows {

/// What is asked of a socket's buffers, in bytes.
struct BufferSizes {
  std::size_t receive = 0;
  std::size_t send = 0;
};

/// Owns the socket; operations that are outstanding when it goes are cancelled and complete later.
class IcmpSocket {
 public:
  using Opened = base::Result<std::unique_ptr<IcmpSocket>>;

  /// For all packets of the family. Bound, since Windows refuses receives before that (WSAEINVAL).
  [[nodiscard]] static Opened open_to_receive(SocketCalls& calls, boost::asio::io_context& loop, base::Family family,
                                              std::size_t buffer);
  /// For requests with these options alone. It never receives: its queue, which gets a copy of every ICMP packet too,
  /// is made as small as the system lets.
  [[nodiscard]] static Opened open_to_send(SocketCalls& calls, boost::asio::io_context& loop, base::Family family,
                                           const wire::PacketOptions& options, std::size_t buffer);

  IcmpSocket(SocketCalls& calls, SOCKET socket, base::Family family)
      : calls_(calls), socket_(socket), family_(family) {}
  ~IcmpSocket();
  IcmpSocket(const IcmpSocket&) = delete;
  IcmpSocket& operator=(const IcmpSocket&) = delete;

  [[nodiscard]] SOCKET get() const { return socket_; }
  [[nodiscard]] base::Family family() const { return family_; }
  /// Bytes granted, not asked.
  [[nodiscard]] std::size_t buffer(int option) const { return calls_.get_option(socket_, SOL_SOCKET, option); }
  /// What succeeds at once queues no completion.
  [[nodiscard]] bool skips_completions() const { return skips_; }

 private:
  [[nodiscard]] base::Result<void> set(int level, int name, DWORD value, const char* text);
  [[nodiscard]] base::Result<void> set_options(const wire::PacketOptions& options);
  [[nodiscard]] base::Result<void> set_interface(std::uint32_t index);
  [[nodiscard]] base::Result<void> bind(const std::optional<base::IpAddress>& address);
  [[nodiscard]] base::Result<void> attach(boost::asio::io_context& loop);

  SocketCalls& calls_;
  SOCKET socket_;
  base::Family family_;
  bool skips_ = false;
  std::optional<boost::asio::ip::icmp::socket> owner_;  ///< closes it, once it is attached
};

}  // namespace sounder::platform::windows
