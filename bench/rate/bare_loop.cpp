#include "bench/rate/bare_loop.h"

#include <arpa/inet.h>
#include <linux/errqueue.h>
#include <linux/filter.h>
#include <linux/net_tstamp.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <vector>

#include "engine/wire/checksum.h"
#include "tests/support/throw_errno.h"

namespace sounder::bench {

namespace {

constexpr std::size_t kBatch = 64;
constexpr std::uint64_t kMostUnanswered = 20'000;
constexpr std::uint16_t kIdentifier = 0x4242;
constexpr int kScmTsOptId = 81;  // Linux 6.13; Debian 12's headers are older

template <class Value>
void set_option(int socket, int level, int name, const Value& value) {
  if (setsockopt(socket, level, name, &value, sizeof value) != 0) testing::throw_errno("setsockopt");
}

std::chrono::nanoseconds read_clock(clockid_t clock) {
  timespec time{};
  clock_gettime(clock, &time);
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

class BareLoop {
 public:
  BareLoop(std::uint32_t first, std::uint32_t hosts, std::uint16_t data_size)
      : first_(first),
        hosts_(hosts),
        packet_size_(8U + data_size),
        packets_(kBatch * packet_size_),
        replies_(kBatch * kReplySize),
        socket_(open_socket()) {
    fill_packets();
  }
  ~BareLoop() { close(socket_); }
  BareLoop(const BareLoop&) = delete;
  BareLoop& operator=(const BareLoop&) = delete;

  BareLoopResult run(std::uint64_t total);

 private:
  static constexpr std::size_t kReplySize = 256;
  struct alignas(cmsghdr) Control {
    std::array<char, 160> bytes;
  };

  static int open_socket();
  static void attach_filter(int socket);
  void fill_packets();
  void send_batch(std::uint64_t from, std::size_t count);
  std::size_t read(int flags);
  void drain(BareLoopResult& result);

  std::uint32_t first_;
  std::uint32_t hosts_;
  std::size_t packet_size_;
  std::vector<std::byte> packets_;
  std::vector<std::byte> replies_;
  std::array<mmsghdr, kBatch> out_{};
  std::array<mmsghdr, kBatch> in_{};
  std::array<iovec, kBatch> out_data_{};
  std::array<iovec, kBatch> in_data_{};
  std::array<sockaddr_in, kBatch> to_{};
  std::array<Control, kBatch> out_control_{};
  std::array<Control, kBatch> in_control_{};
  int socket_;
};

int BareLoop::open_socket() {
  const int fd = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_ICMP);
  if (fd < 0) testing::throw_errno("open a raw ICMP socket");
  attach_filter(fd);
  set_option(fd, SOL_SOCKET, SO_RCVBUFFORCE, 64 << 20);
  set_option(fd, SOL_SOCKET, SO_SNDBUFFORCE, 64 << 20);
  set_option(fd, SOL_SOCKET, SO_TIMESTAMPING,
             SOF_TIMESTAMPING_RX_SOFTWARE | SOF_TIMESTAMPING_TX_SOFTWARE | SOF_TIMESTAMPING_SOFTWARE |
                 SOF_TIMESTAMPING_OPT_ID | SOF_TIMESTAMPING_OPT_TSONLY);
  return fd;
}

/// Echo replies with our identifier.
void BareLoop::attach_filter(int socket) {
  std::array<sock_filter, 7> program{{{BPF_LDX | BPF_B | BPF_MSH, 0, 0, 0},
                                      {BPF_LD | BPF_B | BPF_IND, 0, 0, 0},
                                      {BPF_JMP | BPF_JEQ | BPF_K, 0, 3, 0},
                                      {BPF_LD | BPF_H | BPF_IND, 0, 0, 4},
                                      {BPF_JMP | BPF_JEQ | BPF_K, 0, 1, kIdentifier},
                                      {BPF_RET | BPF_K, 0, 0, 0xffff},
                                      {BPF_RET | BPF_K, 0, 0, 0}}};
  const sock_fprog filter{program.size(), program.data()};
  set_option(socket, SOL_SOCKET, SO_ATTACH_FILTER, filter);
}

void BareLoop::fill_packets() {
  for (std::size_t i = 0; i < kBatch; ++i) {
    std::byte* packet = &packets_[i * packet_size_];
    packet[0] = std::byte{8};
    packet[4] = std::byte{kIdentifier >> 8U};
    packet[5] = std::byte{kIdentifier & 0xffU};
    out_data_[i] = {packet, packet_size_};
    in_data_[i] = {&replies_[i * kReplySize], kReplySize};
    to_[i].sin_family = AF_INET;
    out_[i].msg_hdr.msg_name = &to_[i];
    out_[i].msg_hdr.msg_namelen = sizeof to_[i];
    out_[i].msg_hdr.msg_iov = &out_data_[i];
    out_[i].msg_hdr.msg_iovlen = 1;
    out_[i].msg_hdr.msg_control = out_control_[i].bytes.data();
    out_[i].msg_hdr.msg_controllen = CMSG_SPACE(sizeof(std::uint32_t));
    cmsghdr* id = CMSG_FIRSTHDR(&out_[i].msg_hdr);
    id->cmsg_level = SOL_SOCKET;
    id->cmsg_type = kScmTsOptId;
    id->cmsg_len = CMSG_LEN(sizeof(std::uint32_t));
  }
}

void BareLoop::send_batch(std::uint64_t from, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint64_t number = from + i;
    std::byte* packet = &packets_[i * packet_size_];
    packet[2] = packet[3] = std::byte{0};
    packet[6] = static_cast<std::byte>(number >> 8U & 0xffU);
    packet[7] = static_cast<std::byte>(number & 0xffU);
    const auto id = static_cast<std::uint32_t>(number);
    std::memcpy(packet + 8, &number, sizeof number);
    const std::uint16_t sum = htons(wire::checksum({packet, packet_size_}));
    std::memcpy(packet + 2, &sum, sizeof sum);
    std::memcpy(CMSG_DATA(CMSG_FIRSTHDR(&out_[i].msg_hdr)), &id, sizeof id);
    to_[i].sin_addr.s_addr = htonl(first_ + static_cast<std::uint32_t>(number % hosts_));
  }
  for (std::size_t sent = 0; sent < count;) {
    const int result = sendmmsg(socket_, &out_[sent], static_cast<unsigned>(count - sent), 0);
    if (result < 0) testing::throw_errno("sendmmsg");
    sent += static_cast<std::size_t>(result);
  }
}

std::size_t BareLoop::read(int flags) {
  for (std::size_t i = 0; i < kBatch; ++i) {
    in_[i].msg_hdr = {nullptr, 0, &in_data_[i], 1, in_control_[i].bytes.data(), in_control_[i].bytes.size(), 0};
  }
  const int count = recvmmsg(socket_, in_.data(), kBatch, flags | MSG_DONTWAIT, nullptr);
  return count < 0 ? 0 : static_cast<std::size_t>(count);
}

void BareLoop::drain(BareLoopResult& result) {
  std::size_t count = 0;
  do {
    count = read(0);
    result.replies += count;
  } while (count == kBatch);
  do {
    count = read(MSG_ERRQUEUE);
    result.stamps += count;
  } while (count == kBatch);
}

BareLoopResult BareLoop::run(std::uint64_t total) {
  BareLoopResult result;
  const auto cpu = read_clock(CLOCK_THREAD_CPUTIME_ID);
  const auto begin = read_clock(CLOCK_MONOTONIC);
  auto progress = begin;
  for (std::uint64_t sent = 0; sent < total || result.replies < total;) {
    const auto before = result.replies;
    if (sent < total && sent - result.replies <= kMostUnanswered) {
      const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(kBatch, total - sent));
      send_batch(sent, count);
      sent += count;
    }
    drain(result);
    const auto now = read_clock(CLOCK_MONOTONIC);
    if (result.replies != before) progress = now;
    if (now - progress > std::chrono::seconds(1)) break;  // the rest is lost
  }
  result.elapsed = progress - begin;
  result.cpu = read_clock(CLOCK_THREAD_CPUTIME_ID) - cpu;
  return result;
}

}  // namespace

BareLoopResult run_bare_loop(const std::string& first, std::uint32_t hosts, std::uint64_t total,
                             std::uint16_t data_size) {
  in_addr address{};
  if (inet_pton(AF_INET, first.c_str(), &address) != 1) throw std::invalid_argument("not an IPv4 address: " + first);
  return BareLoop(ntohl(address.s_addr), hosts, data_size).run(total);
}

}  // namespace sounder::bench
