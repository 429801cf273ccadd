#include "tests/lab/packet_io_capture.h"

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace sounder::testing {

namespace {

constexpr int kPatienceMilliseconds = 2000;

bool is_echo_request(const std::vector<std::byte>& packet) {
  const auto at = [&](std::size_t offset) {
    return offset < packet.size() ? std::to_integer<int>(packet[offset]) : -1;
  };
  if (at(0) >> 4 == 4) return at(9) == 1 && at((at(0) & 0x0f) * 4) == 8;
  return at(6) == 58 && at(40) == 128;
}

}  // namespace

Capture::Capture(const NetworkNamespace& where, const std::string& interface) : fd_(-1) {
  const InNamespace inside(where);
  fd_ = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, htons(ETH_P_ALL));
  sockaddr_ll address{};
  address.sll_family = AF_PACKET;
  address.sll_protocol = htons(ETH_P_ALL);
  address.sll_ifindex = static_cast<int>(if_nametoindex(interface.c_str()));
  const void* any = &address;
  if (fd_ < 0 || bind(fd_, static_cast<const sockaddr*>(any), sizeof(address)) != 0) {
    throw std::system_error(errno, std::generic_category(), "capture on " + interface);
  }
}

Capture::~Capture() { close(fd_); }

std::vector<std::byte> Capture::next_request() {
  for (pollfd ready{fd_, POLLIN, 0}; poll(&ready, 1, kPatienceMilliseconds) == 1;) {
    std::vector<std::byte> packet(65'536);
    const ssize_t size = recv(fd_, packet.data(), packet.size(), 0);
    packet.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
    if (is_echo_request(packet)) return packet;
  }
  return {};
}

}  // namespace sounder::testing
