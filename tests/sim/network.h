/// The network model in virtual time: takes requests as bytes, and delivers what they cause when its time comes.
#pragma once

#include <cstdint>
#include <span>

#include "engine/base/ip_address.h"
#include "tests/sim/host.h"
#include "tests/sim/network_model.h"
#include "tests/sim/packet_log.h"
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
  Network(Timeline& timeline, PacketPool& pool, Random random) : timeline_(timeline), pool_(pool), model_(random) {}

  void set_host(const base::IpAddress& address, const Host& host) { model_.set_host(address, host); }
  [[nodiscard]] static base::IpAddress stranger(base::Family family) { return NetworkModel::stranger(family); }
  [[nodiscard]] static base::IpAddress router(base::Family family) { return NetworkModel::router(family); }
  [[nodiscard]] bool has_neighbour(const base::IpAddress& address) const { return model_.has_neighbour(address); }
  [[nodiscard]] NetworkModel& model() { return model_; }
  /// From now on everything is written down in `log`, which outlives this.
  void keep(PacketLog& log) { log_ = &log; }
  /// Packets that are on their way.
  [[nodiscard]] std::size_t pending() const { return pending_; }

  void transmit(const Transmission& request);
  void act(std::uint64_t token) override;

 private:
  void launch(const Transmission& request, Response& response);

  Timeline& timeline_;
  PacketPool& pool_;
  NetworkModel model_;
  PacketLog* log_ = nullptr;
  std::size_t pending_ = 0;
};

}  // namespace sounder::sim
