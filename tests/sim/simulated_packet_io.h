/// io::PacketIo over the simulated network: what a kernel does between the daemon and the wire, and what goes wrong
/// there.
///
/// Thread: the test's. Time: every call takes some, in which packets go on arriving.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "engine/base/limits.h"
#include "engine/io/packet_io.h"
#include "tests/sim/network.h"
#include "tests/sim/packet_pool.h"
#include "tests/sim/random.h"
#include "tests/sim/timeline.h"

namespace sounder::sim {

/// How the simulated kernel behaves; may be changed at any moment of a run.
struct Kernel {
  std::size_t receive_queue = 1'000'000;            ///< packets; more are lost and counted
  std::size_t receive_batch = base::kReceiveBatch;  ///< packets a receive call gives at most
  base::Duration call_cost = std::chrono::nanoseconds(800);
  base::Duration send_cost = std::chrono::nanoseconds(500);  ///< of each request
  Ppm refuse = 0;                                            ///< sends refused, each for a drawn reason
  Ppm vanish = 0;  ///< accepted, and dropped before the driver: no stamp, nothing on the wire
  Ppm hold = 0;    ///< waits up to `hold_for` for a neighbour before it leaves
  base::Duration hold_for = std::chrono::milliseconds(500);
  Ppm lose_stamp = 0;   ///< TX stamps that find no room; that some were lost is noticed
  Ppm delay_stamp = 0;  ///< TX stamps that are readable up to `stamp_delay` later
  base::Duration stamp_delay = std::chrono::milliseconds(50);
  Ppm no_rx_stamp = 0;  ///< packets that come without a stamp
  bool tx_stamps = true;
  /// As the real one does: what has not our identifier never reaches the socket. Off, so that the engine is tried too.
  bool filter_identifier = false;
  bool link_down = false;                       ///< sends find no route, and nothing arrives
  std::optional<wire::SendFailure> refuse_all;  ///< every send, for this reason
  /// Ours, in place of own_address(); what is sent to another arrives nowhere.
  std::optional<base::IpAddress> address_v4;
  std::optional<base::IpAddress> address_v6;
};

/// Who is told what really became of each request.
class SendWitness {
 public:
  SendWitness() = default;
  SendWitness(const SendWitness&) = delete;
  SendWitness& operator=(const SendWitness&) = delete;
  virtual ~SendWitness() = default;
  virtual void left(Serial serial) = 0;  ///< It is on the wire now.
};

class SimulatedPacketIo final : public io::PacketIo, public PacketSink, public Actor {
 public:
  SimulatedPacketIo(Timeline& timeline, PacketPool& pool, Network& network, Random random);

  [[nodiscard]] const io::PacketIoTraits& traits() const override { return traits_; }
  void send(std::span<const wire::TxRequest> requests, base::BoundedVector<wire::TxResult>& results) override;
  [[nodiscard]] io::Received receive() override;
  void async_wait(std::function<void()> ready) override;
  void cancel_wait() override;

  [[nodiscard]] Kernel& kernel() { return kernel_; }
  [[nodiscard]] io::PacketIoTraits& mutable_traits() { return traits_; }
  void watch(SendWitness& witness) { witness_ = &witness; }
  /// The number that the next request handed to send() gets.
  [[nodiscard]] Serial next_serial() const { return next_serial_; }
  /// About each packet of the last receive(), in its order.
  [[nodiscard]] std::span<const Truth> truths() const { return truths_; }
  [[nodiscard]] bool readable() const { return !queue_.empty() || !stamps_.empty() || news_; }
  /// The address of this host that requests leave from where they ask for none.
  [[nodiscard]] static base::IpAddress own_address(base::Family family);

  bool deliver(PacketPool::Index index) override;
  void act(std::uint64_t token) override;

 private:
  /// A request or a stamp that waits for its time.
  struct Deferred {
    enum class Kind : std::uint8_t { kFree, kTransmit, kStamp, kWake };
    Kind kind = Kind::kFree;
    wire::TxRequest request;
    wire::PacketOptions options;  ///< a copy: the request's may be gone by then
    Serial serial = 0;
    wire::TxResult stamp;
    std::uint64_t wait = 0;
  };

  [[nodiscard]] wire::SendFailure refusal(const wire::TxRequest& request);
  void send_one(const wire::TxRequest& request, base::MonoTime began, base::BoundedVector<wire::TxResult>& results);
  void transmit(const wire::TxRequest& request, const wire::PacketOptions* options, Serial serial);
  [[nodiscard]] base::IpAddress source_address(base::Family family) const;
  [[nodiscard]] bool reaches_us(const Packet& packet) const;
  [[nodiscard]] bool passes_filter(const Packet& packet) const;
  void add_stamp(wire::ProbeId probe);
  void defer(base::MonoTime at, const Deferred& what);
  void wake();
  void take_packets(std::size_t arrived);
  void take_stamps();

  Timeline& timeline_;
  PacketPool& pool_;
  Network& network_;
  Random random_;
  Kernel kernel_;
  io::PacketIoTraits traits_;
  SendWitness* witness_ = nullptr;
  Serial next_serial_ = 0;

  std::deque<PacketPool::Index> queue_;
  std::deque<wire::TxResult> stamps_;
  std::vector<PacketPool::Index> lent_;  ///< what the last receive() gave out
  std::vector<wire::RxPacket> packets_;
  std::vector<wire::TxResult> read_stamps_;
  std::vector<Truth> truths_;
  std::uint64_t overflowed_ = 0;
  bool stamps_lost_ = false;
  bool news_ = false;  ///< an overflow or a loss of stamps is to be told

  std::vector<Deferred> deferred_;
  std::vector<std::uint32_t> free_deferred_;
  std::vector<std::byte> buffer_;
  std::function<void()> ready_;
  std::uint64_t wait_ = 0;  ///< the wait that a pending wake-up belongs to
};

}  // namespace sounder::sim
