#include "engine/platform/windows/socket_calls.h"

#include "engine/base/check.h"

namespace sounder::platform::windows {

namespace {

int error_of(int result) { return result == 0 ? 0 : WSAGetLastError(); }

/// Sockets are handles to everything that is not Winsock.
HANDLE handle_of(SOCKET socket) {
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast,performance-no-int-to-ptr): as Winsock documents
  return reinterpret_cast<HANDLE>(socket);
}

/// WSARecvMsg is no function of the library; each provider has its own.
LPFN_WSARECVMSG find_receive_message(SOCKET socket) {
  GUID id = WSAID_WSARECVMSG;
  LPFN_WSARECVMSG function = nullptr;
  DWORD size = 0;
  const int result = WSAIoctl(socket, SIO_GET_EXTENSION_FUNCTION_POINTER, &id, sizeof(id), &function, sizeof(function),
                              &size, nullptr, nullptr);
  return result == 0 ? function : nullptr;
}

}  // namespace

SOCKET SocketCalls::open(base::Family family, int& error) {
  const int protocol = family == base::Family::kIpv4 ? int{IPPROTO_ICMP} : int{IPPROTO_ICMPV6};
  const SOCKET socket =
      WSASocketW(to_native(family), SOCK_RAW, protocol, nullptr, 0, WSA_FLAG_OVERLAPPED | WSA_FLAG_NO_HANDLE_INHERIT);
  error = socket == INVALID_SOCKET ? WSAGetLastError() : 0;
  return socket;
}

void SocketCalls::close(SOCKET socket) { closesocket(socket); }

int SocketCalls::bind(SOCKET socket, const base::IpAddress& address) {
  SocketAddress native{};
  const int size = to_native(address, native);
  return error_of(::bind(socket, &native.any, size));
}

int SocketCalls::set_option(SOCKET socket, int level, int name, DWORD value) {
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): options are bytes to the call.
  return error_of(setsockopt(socket, level, name, reinterpret_cast<const char*>(&value), sizeof(value)));
}

DWORD SocketCalls::get_option(SOCKET socket, int level, int name) {
  DWORD value = 0;
  int size = sizeof(value);
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): options are bytes to the call.
  const int result = getsockopt(socket, level, name, reinterpret_cast<char*>(&value), &size);
  return result == 0 ? value : 0;
}

int SocketCalls::attach(SOCKET socket, base::Family family, boost::asio::io_context& loop,
                        std::optional<boost::asio::ip::icmp::socket>& owner) {
  using boost::asio::ip::icmp;
  boost::system::error_code error;
  owner.emplace(loop).assign(family == base::Family::kIpv4 ? icmp::v4() : icmp::v6(), socket, error);
  return error.value();
}

int SocketCalls::skip_completions_on_success(SOCKET socket) {
  constexpr UCHAR kModes = FILE_SKIP_COMPLETION_PORT_ON_SUCCESS | FILE_SKIP_SET_EVENT_ON_HANDLE;
  return SetFileCompletionNotificationModes(handle_of(socket), kModes) != 0 ? 0 : static_cast<int>(GetLastError());
}

int SocketCalls::receive(SOCKET socket, WSAMSG& message, OVERLAPPED& overlapped) {
  if (receive_message_ == nullptr) receive_message_ = find_receive_message(socket);
  if (receive_message_ == nullptr) return WSAGetLastError();
  return error_of(receive_message_(socket, &message, nullptr, &overlapped, nullptr));
}

int SocketCalls::send(SOCKET socket, WSABUF& bytes, const SocketAddress& to, int to_size, OVERLAPPED& overlapped) {
  return error_of(WSASendTo(socket, &bytes, 1, nullptr, 0, &to.any, to_size, &overlapped, nullptr));
}

void SocketCalls::cancel(SOCKET socket) {
  CancelIoEx(handle_of(socket), nullptr);  // that nothing was outstanding is no failure
}

std::optional<base::IpAddress> SocketCalls::source_for(SOCKET socket, const base::IpAddress& destination) {
  SocketAddress to{};
  const int to_size = to_native(destination, to);
  SocketAddress from{};
  DWORD size = 0;
  const int result = WSAIoctl(socket, SIO_ROUTING_INTERFACE_QUERY, &to, static_cast<DWORD>(to_size), &from,
                              sizeof(from), &size, nullptr, nullptr);
  return result == 0 ? from_native(from.any) : std::nullopt;
}

}  // namespace sounder::platform::windows
