/// Winsock as it is, with every call noted, and with refusals where a test wants them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <list>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "engine/platform/windows/socket_calls.h"
#include "engine/platform/windows/system_error_numbers.h"

namespace sounder::platform::windows {

class NotedCalls final : public SocketCalls {
 public:
  /// What was done to a socket, in order.
  enum class Step { kOption, kBind, kAttach, kReceive, kSend };
  struct Socket {
    std::vector<Step> steps;
    std::map<std::pair<int, int>, DWORD> options;  ///< by level and name
    std::optional<base::IpAddress> address;
  };

  SOCKET open(base::Family family, int& error) override {
    if (refuse_open != 0) {
      error = refuse_open;
      return INVALID_SOCKET;
    }
    const SOCKET socket = SocketCalls::open(family, error);
    if (socket != INVALID_SOCKET) places_[socket] = sockets.emplace(sockets.end());
    return socket;
  }
  int bind(SOCKET socket, const base::IpAddress& address) override {
    of(socket).address = address;
    note(socket, Step::kBind);
    return SocketCalls::bind(socket, address);
  }
  int set_option(SOCKET socket, int level, int name, DWORD value) override {
    of(socket).options[{level, name}] = value;
    note(socket, Step::kOption);
    return SocketCalls::set_option(socket, level, name, value);
  }
  int attach(SOCKET socket, base::Family family, boost::asio::io_context& loop,
             std::optional<boost::asio::ip::icmp::socket>& owner) override {
    note(socket, Step::kAttach);
    return SocketCalls::attach(socket, family, loop, owner);
  }
  int receive(SOCKET socket, WSAMSG& message, OVERLAPPED& overlapped) override {
    note(socket, Step::kReceive);
    if (posted == receives_let) return refuse_receive;
    ++posted;
    return SocketCalls::receive(socket, message, overlapped);
  }
  int send(SOCKET socket, WSABUF& bytes, const SocketAddress& to, int to_size, OVERLAPPED& overlapped) override {
    note(socket, Step::kSend);
    sent.resize(bytes.len);
    std::memcpy(sent.data(), bytes.buf, bytes.len);
    return SocketCalls::send(socket, bytes, to, to_size, overlapped);
  }

  std::list<Socket> sockets;    ///< all that were ever opened
  std::vector<std::byte> sent;  ///< last
  std::size_t posted = 0;
  int refuse_open = 0;
  /// After so many receives the next are refused, with this number.
  std::size_t receives_let = static_cast<std::size_t>(-1);
  int refuse_receive = number::kWsaNoBuffer;

 private:
  Socket& of(SOCKET socket) { return *places_.at(socket); }
  void note(SOCKET socket, Step step) { of(socket).steps.push_back(step); }

  std::map<SOCKET, std::list<Socket>::iterator> places_;
};

}  // namespace sounder::platform::windows
