#include "bench/accuracy/packet_ring.h"

#include <arpa/inet.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>

#include "tests/support/throw_errno.h"

namespace sounder::bench {
namespace {

// A second of the fastest traffic, and no more than a processor's cache holds: writing the ring is part of the time
// between the capture's look at a packet and its TX stamp.
constexpr std::size_t kBlockSize = std::size_t{1} << 20U;
constexpr std::size_t kBlocks = 16;
constexpr unsigned kFrameSize = 256;  // unused by V3, but must divide the block
constexpr unsigned kRetireMilliseconds = 1000;
constexpr std::uint32_t kSnapLength = 64;

void set(int fd, int level, int option, const void* value, socklen_t size, const char* what) {
  if (setsockopt(fd, level, option, value, size) != 0) testing::throw_errno(what);
}

template <class Header>
Header* header_at(std::byte* place) {
  void* const untyped = place;
  return static_cast<Header*>(untyped);
}

constexpr sock_filter statement(unsigned code, std::uint32_t k) { return {static_cast<std::uint16_t>(code), 0, 0, k}; }
/// Goes on if equal, else skips to the refusal.
constexpr sock_filter unless_equal_skip(std::uint32_t k, std::uint8_t skip) {
  return {static_cast<std::uint16_t>(BPF_JMP | BPF_JEQ | BPF_K), 0, skip, k};
}

SeenPacket read_packet(tpacket3_hdr* header, std::byte* place) {
  const auto* address = header_at<sockaddr_ll>(place + TPACKET_ALIGN(sizeof(tpacket3_hdr)));
  constexpr std::int64_t kNanoseconds = 1'000'000'000;
  return {std::int64_t{header->tp_sec} * kNanoseconds + header->tp_nsec, address->sll_pkttype == PACKET_OUTGOING,
          std::span<const std::byte>(place + header->tp_net, header->tp_snaplen)};
}

}  // namespace

PacketRing::PacketRing(const std::string& interface) : fd_(socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
  if (fd_ < 0) testing::throw_errno("open a packet socket");
  set_filter();
  map_ring();
  bind_to(interface);
}

PacketRing::~PacketRing() {
  munmap(ring_, kBlockSize * kBlocks);
  close(fd_);
}

void PacketRing::set_filter() const {
  std::array program = {
      statement(BPF_LD | BPF_B | BPF_ABS, 0),  // version and header length
      statement(BPF_ALU | BPF_AND | BPF_K, 0xf0),
      unless_equal_skip(0x40, 3),
      statement(BPF_LD | BPF_B | BPF_ABS, 9),  // protocol
      unless_equal_skip(IPPROTO_ICMP, 1),
      statement(BPF_RET | BPF_K, kSnapLength),
      statement(BPF_RET | BPF_K, 0),
  };
  const sock_fprog native{static_cast<unsigned short>(program.size()), program.data()};
  set(fd_, SOL_SOCKET, SO_ATTACH_FILTER, &native, sizeof(native), "attach a filter");
}

void PacketRing::map_ring() {
  const int version = TPACKET_V3;
  set(fd_, SOL_PACKET, PACKET_VERSION, &version, sizeof(version), "choose TPACKET_V3");
  tpacket_req3 ring{};
  ring.tp_block_size = kBlockSize;
  ring.tp_block_nr = kBlocks;
  ring.tp_frame_size = kFrameSize;
  ring.tp_frame_nr = kBlockSize / kFrameSize * kBlocks;
  ring.tp_retire_blk_tov = kRetireMilliseconds;
  set(fd_, SOL_PACKET, PACKET_RX_RING, &ring, sizeof(ring), "make a packet ring");
  void* const mapped = mmap(nullptr, kBlockSize * kBlocks, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd_, 0);
  if (mapped == MAP_FAILED) testing::throw_errno("map the packet ring");
  ring_ = static_cast<std::byte*>(mapped);
}

/// Last, since only then do packets come.
void PacketRing::bind_to(const std::string& interface) const {
  sockaddr_ll address{};
  address.sll_family = AF_PACKET;
  address.sll_protocol = htons(ETH_P_ALL);  // of one protocol alone, what goes out is not seen
  address.sll_ifindex = static_cast<int>(if_nametoindex(interface.c_str()));
  const void* const any = &address;
  if (address.sll_ifindex == 0 || bind(fd_, static_cast<const sockaddr*>(any), sizeof(address)) != 0) {
    testing::throw_errno("bind to the interface");
  }
}

std::byte* PacketRing::block(std::size_t index) const { return ring_ + index * kBlockSize; }

bool PacketRing::read(int patience_ms, const std::function<void(const SeenPacket&)>& on_packet) {
  auto& head = header_at<tpacket_block_desc>(block(next_))->hdr.bh1;
  const std::atomic_ref status(head.block_status);
  if ((status.load(std::memory_order_acquire) & TP_STATUS_USER) == 0) {
    pollfd ready{fd_, POLLIN, 0};
    poll(&ready, 1, patience_ms);
    if ((status.load(std::memory_order_acquire) & TP_STATUS_USER) == 0) return false;
  }
  std::byte* place = block(next_) + head.offset_to_first_pkt;
  for (std::uint32_t i = 0; i < head.num_pkts; ++i) {
    auto* const header = header_at<tpacket3_hdr>(place);
    on_packet(read_packet(header, place));
    place += header->tp_next_offset;
  }
  status.store(TP_STATUS_KERNEL, std::memory_order_release);
  next_ = (next_ + 1) % kBlocks;
  return true;
}

std::uint64_t PacketRing::dropped() {
  tpacket_stats_v3 stats{};
  socklen_t size = sizeof(stats);
  if (getsockopt(fd_, SOL_PACKET, PACKET_STATISTICS, &stats, &size) != 0)
    testing::throw_errno("read the ring's statistics");
  return stats.tp_drops;
}

}  // namespace sounder::bench
