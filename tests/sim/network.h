/// The simulated network: hosts behind paths. Takes requests as bytes, and delivers what they cause when its time
/// comes.
#pragma once

#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

#include "engine/base/ip_address.h"
#include "tests/sim/host.h"
#include "tests/sim/packet_pool.h"
#include "tests/sim/random.h"
#include "tests/sim/timeline.h"

namespace sounder::sim {

/// A request as it leaves this host. `bytes` are the ICMP message.
struct Transmission {
  PacketSink* sender = nullptr;  ///< whom answers are delivered to: the kernel filters by identifier
  Serial serial = 0;
  base::IpAddress source;
  base::IpAddress destination;
  std::span<const std::byte> bytes;
};

class Network final : public Actor {
 public:
  Network(Timeline& timeline, PacketPool& pool, Random random) : timeline_(timeline), pool_(pool), random_(random) {}

  /// New, or from now on another. Addresses without a host swallow what is sent to them.
  void set_host(const base::IpAddress& address, const Host& host) { hosts_[address].host = host; }
  /// The last address of the documentation networks (RFC 5737, RFC 3849): never a target's.
  [[nodiscard]] static base::IpAddress stranger(base::Family family);
  [[nodiscard]] static base::IpAddress router(base::Family family);

  /// Whether packets to this address leave at all: an on-link host that answers for no link address gets none.
  [[nodiscard]] bool has_neighbour(const base::IpAddress& address) const;
  void transmit(const Transmission& request);
  void act(std::uint64_t token) override;

 private:
  struct State {
    Host host;
    bool in_burst = false;
  };

  [[nodiscard]] Answer draw_answer(const Host& host);
  [[nodiscard]] bool lost(State& state);
  [[nodiscard]] base::Duration draw_delay(const Path& path);
  void answer(const Host& host, Answer answer, const Transmission& request);
  void corrupt(Answer answer, Packet& packet);
  void send_error(const Host& host, Answer answer, const Transmission& request);
  void forge(const Transmission& request, Bytes& quoted, base::IpAddress& destination);
  [[nodiscard]] PacketPool::Index new_packet(const Transmission& request, Essence essence);
  /// On its way, and maybe a second copy of it too.
  void launch(const Path& path, PacketPool::Index index, base::Duration delay);
  void launch_one(PacketPool::Index index, base::Duration delay);

  Timeline& timeline_;
  PacketPool& pool_;
  Random random_;
  std::unordered_map<base::IpAddress, State> hosts_;
  Bytes scratch_;
};

}  // namespace sounder::sim
