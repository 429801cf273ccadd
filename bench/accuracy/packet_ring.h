/// An independent witness of the wire: what passes an interface, with the kernel's stamps, through a ring of its own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>

namespace sounder::bench {

/// A packet on an interface. The bytes are borrowed for the length of the call, and begin with the IP header.
struct SeenPacket {
  std::int64_t at_ns = 0;  ///< CLOCK_REALTIME, the kernel's
  bool outgoing = false;
  std::span<const std::byte> bytes;  ///< its first 64 at most
};

/// ICMPv4 of both directions, in blocks that are handed over full or once a second (packet(7), PACKET_RX_RING with
/// TPACKET_V3), so that the witness wakes a few times a second and keeps seconds of traffic if it is late.
class PacketRing {
 public:
  /// In the calling thread's network namespace. Throws std::system_error.
  explicit PacketRing(const std::string& interface);
  ~PacketRing();
  PacketRing(const PacketRing&) = delete;
  PacketRing& operator=(const PacketRing&) = delete;

  /// Waits for a block for `patience_ms` at most, and hands over what is in it, in order. False if none came.
  bool read(int patience_ms, const std::function<void(const SeenPacket&)>& on_packet);
  /// Packets that found the ring full since the last call.
  [[nodiscard]] std::uint64_t dropped();

 private:
  void bind_to(const std::string& interface) const;
  void set_filter() const;
  void map_ring();
  [[nodiscard]] std::byte* block(std::size_t index) const;

  int fd_ = -1;
  std::byte* ring_ = nullptr;
  std::size_t next_ = 0;  ///< the block that is handed over next
};

}  // namespace sounder::bench
