/// The calls of Winsock that packet I/O makes, in one place: tests note them, since what Wine lets through says nothing
/// about Windows.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/icmp.hpp>
#include <memory>
#include <optional>

#include "engine/base/ip_address.h"
#include "engine/platform/windows/socket_address.h"
#include "engine/platform/windows/system_headers.h"
// After the headers of Windows, whose types it uses.
#include <mswsock.h>

namespace sounder::platform::windows {

/// Results are Winsock's error numbers, 0 for none. Thread: the probe loop's, or while that does not run.
class SocketCalls {
 public:
  SocketCalls() = default;
  SocketCalls(const SocketCalls&) = delete;
  SocketCalls& operator=(const SocketCalls&) = delete;
  virtual ~SocketCalls() = default;

  /// WSASocketW: raw, ICMP of the family, overlapped, not inherited. INVALID_SOCKET with `error`.
  [[nodiscard]] virtual SOCKET open(base::Family family, int& error);
  virtual void close(SOCKET socket);
  [[nodiscard]] virtual int bind(SOCKET socket, const base::IpAddress& address);
  [[nodiscard]] virtual int set_option(SOCKET socket, int level, int name, DWORD value);
  /// The value that the system took; 0 if it does not say.
  [[nodiscard]] virtual DWORD get_option(SOCKET socket, int level, int name);
  /// Has completions of the socket go to the loop's completion port.
  [[nodiscard]] virtual int attach(SOCKET socket, base::Family family, boost::asio::io_context& loop,
                                   std::optional<boost::asio::ip::icmp::socket>& owner);
  /// SetFileCompletionNotificationModes: what succeeds at once queues no completion.
  [[nodiscard]] virtual int skip_completions_on_success(SOCKET socket);

  /// WSARecvMsg. 0 or WSA_IO_PENDING: a completion will come.
  [[nodiscard]] virtual int receive(SOCKET socket, WSAMSG& message, OVERLAPPED& overlapped);
  /// WSASendTo. 0: sent, with a completion unless those are skipped; WSA_IO_PENDING: a completion will come.
  [[nodiscard]] virtual int send(SOCKET socket, WSABUF& bytes, const SocketAddress& to, int to_size,
                                 OVERLAPPED& overlapped);
  /// CancelIoEx of everything that the socket has outstanding.
  virtual void cancel(SOCKET socket);

  /// SIO_ROUTING_INTERFACE_QUERY: the address from which the system would send there.
  [[nodiscard]] virtual std::optional<base::IpAddress> source_for(SOCKET socket, const base::IpAddress& destination);

 private:
  LPFN_WSARECVMSG receive_message_ = nullptr;
};

}  // namespace sounder::platform::windows
