/// The network of a scenario behind a TUN device, in real time: what is routed into the device is answered as the model
/// has it, and everything is written down.
#pragma once

#include <atomic>
#include <cstdint>
#include <queue>
#include <string>
#include <thread>
#include <vector>

#include "engine/base/time.h"
#include "tests/lab/ip_packet.h"
#include "tests/lab/scenario.h"
#include "tests/sim/network_model.h"
#include "tests/sim/packet_log.h"
#include "tests/support/netns.h"

namespace sounder::lab {

/// One thread does everything, also what the timeline says, so that the log knows the order of it all.
class TunNetwork {
 public:
  static constexpr const char* kDevice = "lab0";
  /// More packets than any scenario has under way at once: a full queue would lose what the log never sees.
  static constexpr int kQueuePackets = 100'000;

  /// Makes the device, its addresses and its routes in `where`, in which the calling thread must be. Throws on refusal.
  TunNetwork(const Scenario& scenario, const testing::NetworkNamespace& where, int queue_packets = kQueuePackets);
  ~TunNetwork();
  TunNetwork(const TunNetwork&) = delete;
  TunNetwork& operator=(const TunNetwork&) = delete;

  /// From now on packets are taken and answered. What came before waits in the device's queue.
  void start();
  /// The timeline's zero is now.
  void begin();
  /// Whether every event has happened and no packet is on its way back.
  [[nodiscard]] bool idle() const { return idle_; }
  [[nodiscard]] std::uint64_t requests() const { return requests_; }

  /// Ends the thread. The log may be read then, and why the run is void.
  void stop();
  [[nodiscard]] const sim::PacketLog& log() const { return log_; }
  [[nodiscard]] const std::vector<std::string>& void_for() const { return void_for_; }

 private:
  struct Pending {
    base::MonoTime due{};
    std::uint64_t order = 0;
    base::IpAddress destination;
    sim::PacketLog::Arrival arrival;
    sim::Bytes packet;
    friend bool operator<(const Pending& a, const Pending& b) {  // the earliest is the queue's top
      return a.due != b.due ? a.due > b.due : a.order > b.order;
    }
  };

  void configure();
  void run();
  void take_requests();
  void take(std::span<const std::byte> packet, base::MonoTime read);
  void send_due();
  void send(Pending& pending);
  void happen();
  void happen(const Event& event);
  void link(bool up);
  void wait_until_local(const std::string& address) const;
  void replace_address();
  void darken(const std::string& group, bool dark);
  [[nodiscard]] base::MonoTime next() const;
  void wake() const;
  void check_device();

  const Scenario& scenario_;
  const testing::NetworkNamespace& where_;
  sim::NetworkModel model_;
  sim::PacketLog log_;
  std::vector<std::string> void_for_;
  std::priority_queue<Pending> pending_;
  std::uint64_t next_order_ = 0;
  std::vector<base::IpAddress> own_;
  std::size_t replaced_ = 0;  ///< so many times
  bool link_up_ = true;
  std::uint64_t excused_drops_ = 0;  ///< of packets that were sent while the link was being taken down: they never left
  std::size_t next_event_ = 0;
  base::MonoTime drained_{};  ///< when the device was last seen empty: what is read next came later
  int tun_ = -1;
  int wake_ = -1;
  std::atomic<std::int64_t> begin_ns_{0};
  std::atomic<bool> stop_{false};
  std::atomic<bool> idle_{false};
  std::atomic<std::uint64_t> requests_{0};
  std::thread thread_;
};

}  // namespace sounder::lab
