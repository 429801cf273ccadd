#include "tests/lab/tun_responder.h"

#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <netinet/in.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <span>

#include "tests/support/throw_errno.h"

namespace sounder::lab {

namespace {

constexpr std::size_t kIpv4Header = 20;
constexpr std::size_t kIpv6Header = 40;
constexpr std::size_t kIcmpHeader = 8;

/// RFC 1071, written plainly: the product's own checksum must not check itself.
std::uint32_t add_words(std::span<const std::byte> bytes, std::uint32_t sum) {
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const auto byte = std::to_integer<std::uint32_t>(bytes[i]);
    sum += i % 2 == 0 ? byte << 8U : byte;
  }
  while (sum >> 16U != 0) sum = (sum & 0xffffU) + (sum >> 16U);
  return sum;
}

void write_checksum(std::span<std::byte> icmp, std::uint32_t pseudo_header) {
  icmp[2] = icmp[3] = std::byte{0};
  const std::uint32_t sum = ~add_words(icmp, pseudo_header);
  icmp[2] = static_cast<std::byte>(sum >> 8U & 0xffU);
  icmp[3] = static_cast<std::byte>(sum & 0xffU);
}

void damage(std::span<std::byte> payload) {
  for (auto& byte : payload) byte ^= std::byte{0x5a};
}

bool reply_v4(std::span<std::byte> packet, bool wrong_payload) {
  if (packet.size() < kIpv4Header + kIcmpHeader || packet[9] != std::byte{IPPROTO_ICMP}) return false;
  const auto icmp = packet.subspan(kIpv4Header);
  if (packet[0] != std::byte{0x45} || icmp[0] != std::byte{8}) return false;
  std::swap_ranges(packet.begin() + 12, packet.begin() + 16, packet.begin() + 16);
  icmp[0] = std::byte{0};
  if (wrong_payload) damage(icmp.subspan(kIcmpHeader));
  write_checksum(icmp, 0);
  return true;
}

bool reply_v6(std::span<std::byte> packet, bool wrong_payload) {
  if (packet.size() < kIpv6Header + kIcmpHeader || packet[6] != std::byte{IPPROTO_ICMPV6}) return false;
  const auto icmp = packet.subspan(kIpv6Header);
  if (icmp[0] != std::byte{128}) return false;
  std::swap_ranges(packet.begin() + 8, packet.begin() + 24, packet.begin() + 24);
  icmp[0] = std::byte{129};
  if (wrong_payload) damage(icmp.subspan(kIcmpHeader));
  const auto length = static_cast<std::uint32_t>(icmp.size());
  write_checksum(icmp, add_words(packet.subspan(8, 32), length + IPPROTO_ICMPV6));
  return true;
}

/// Turns an echo request into its reply, in place. False for anything else.
bool make_reply(std::span<std::byte> packet, bool wrong_payload) {
  if (packet.empty()) return false;
  const auto version = std::to_integer<unsigned>(packet[0]) >> 4U;
  return version == 4 ? reply_v4(packet, wrong_payload) : version == 6 && reply_v6(packet, wrong_payload);
}

int open_tun(const std::string& name, unsigned queue_packets) {
  const int tun = open("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK);
  if (tun < 0) testing::throw_errno("open /dev/net/tun");
  ifreq request{};
  name.copy(request.ifr_name, IFNAMSIZ - 1);
  request.ifr_flags = IFF_TUN | IFF_NO_PI;
  if (ioctl(tun, TUNSETIFF, &request) != 0) testing::throw_errno("TUNSETIFF");
  const int control = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  request.ifr_qlen = static_cast<int>(queue_packets);
  if (ioctl(control, SIOCSIFTXQLEN, &request) != 0) testing::throw_errno("SIOCSIFTXQLEN");
  request.ifr_flags = IFF_UP | IFF_RUNNING;
  if (ioctl(control, SIOCSIFFLAGS, &request) != 0) testing::throw_errno("SIOCSIFFLAGS");
  close(control);
  return tun;
}

}  // namespace

TunResponder::TunResponder(const std::string& name, ResponderPlan plan, unsigned queue_packets)
    : plan_(plan), tun_(open_tun(name, queue_packets)), stop_event_(eventfd(0, EFD_CLOEXEC)) {
  thread_ = std::thread([this] { run(); });
}

TunResponder::~TunResponder() {
  const std::uint64_t one = 1;
  if (write(stop_event_, &one, sizeof one) != sizeof one) std::terminate();
  thread_.join();
  close(stop_event_);
  close(tun_);
}

void TunResponder::run() {
  std::array<pollfd, 2> waits{{{tun_, POLLIN, 0}, {stop_event_, POLLIN, 0}}};
  while (true) {
    const auto now = std::chrono::steady_clock::now();
    send_due(now);
    wait(waits, now);
    if (waits[1].revents != 0) return;
    if (waits[0].revents != 0) take_request();
  }
}

void TunResponder::take_request() {
  std::array<std::byte, 65'536> buffer;  // filled by read(), so not initialised for each packet
  while (true) {
    const auto size = read(tun_, buffer.data(), buffer.size());
    if (size <= 0) return;
    const auto packet = std::span(buffer).first(static_cast<std::size_t>(size));
    if (!make_reply(packet, plan_.wrong_payload)) continue;
    ++requests_;
    held_.push_back({std::chrono::steady_clock::now() + plan_.hold, {packet.begin(), packet.end()}});
    most_held_ = std::max<std::uint64_t>(most_held_, held_.size());
    if (plan_.hold.count() == 0) send_due(held_.back().due);
  }
}

void TunResponder::send_due(std::chrono::steady_clock::time_point now) {
  for (; !held_.empty() && held_.front().due <= now; held_.pop_front()) {
    const auto& packet = held_.front().packet;
    if (write(tun_, packet.data(), packet.size()) == static_cast<ssize_t>(packet.size())) ++replies_;
  }
}

/// Until a packet comes, or the next reply is due.
void TunResponder::wait(std::span<pollfd> what, std::chrono::steady_clock::time_point now) const {
  if (held_.empty()) {
    ppoll(what.data(), what.size(), nullptr, nullptr);
    return;
  }
  const auto left = std::max<std::chrono::nanoseconds>(held_.front().due - now, std::chrono::nanoseconds{0});
  const auto seconds = std::chrono::floor<std::chrono::seconds>(left);
  const timespec until_due{seconds.count(), (left - seconds).count()};
  ppoll(what.data(), what.size(), &until_due, nullptr);
}

}  // namespace sounder::lab
