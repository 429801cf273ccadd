/// Packets on their way, each with the truth about it that only the simulator knows.
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "engine/base/time.h"
#include "engine/wire/packet.h"
#include "tests/sim/packet_bytes.h"
#include "tests/sim/packet_log.h"

namespace sounder::sim {

/// Counts the requests that were handed to the simulated kernel, from 0 on.
using Serial = std::uint64_t;

struct Truth {
  Essence essence = Essence::kReply;
  Serial serial = 0;              ///< of the request that caused it
  base::MonoTime transmitted{};   ///< when that request left
  base::MonoTime arrived{};       ///< when this packet reached our receive queue
  std::uint64_t clock_epoch = 0;  ///< VirtualClock::steps() when it was stamped
  Answer answer = Answer::kReply;
  std::uint32_t logged = 0;  ///< its request's place in the PacketLog, if one is kept
};

class PacketSink;

struct Packet {
  PacketSink* sink = nullptr;  ///< whose it is
  wire::RxPacket rx;
  Bytes bytes;
  Truth truth;
};

/// Recycles packets, so that a run's memory is bounded by what is on its way at once.
class PacketPool {
 public:
  using Index = std::uint32_t;

  [[nodiscard]] Index acquire() {
    if (free_.empty()) {
      packets_.emplace_back();
      return static_cast<Index>(packets_.size() - 1);
    }
    const Index index = free_.back();
    free_.pop_back();
    return index;
  }
  void release(Index index) { free_.push_back(index); }
  [[nodiscard]] Packet& operator[](Index index) { return packets_[index]; }
  [[nodiscard]] std::size_t in_use() const { return packets_.size() - free_.size(); }

 private:
  std::deque<Packet> packets_;  ///< references stay good while it grows
  std::vector<Index> free_;
};

/// Where arriving packets go; the packet is the receiver's to release.
class PacketSink {
 public:
  PacketSink() = default;
  PacketSink(const PacketSink&) = delete;
  PacketSink& operator=(const PacketSink&) = delete;
  virtual ~PacketSink() = default;
  /// False if it was for nobody here: the interface is down, or its address gone.
  virtual bool deliver(PacketPool::Index index) = 0;
};

}  // namespace sounder::sim
