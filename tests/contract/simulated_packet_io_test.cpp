/// The contract on the simulator's packet I/O: what its runs rest on.
#include <algorithm>
#include <chrono>
#include <functional>

#include "tests/contract/packet_io_contract.h"
#include "tests/sim/network.h"
#include "tests/sim/simulated_packet_io.h"
#include "tests/sim/timeline.h"

namespace sounder::contract {

namespace {

using base::Family;
using base::IpAddress;

class SimulatedWorld final : public World {
 public:
  explicit SimulatedWorld(Family family)
      : answering_(*IpAddress::parse(family == Family::kIpv4 ? "10.0.0.1" : "fd00::1")),
        unreachable_(*IpAddress::parse(family == Family::kIpv4 ? "10.0.0.2" : "fd00::2")) {
    // As near as on a real machine, where replies come while the batch is still being sent.
    network_.set_host(answering_, sim::Host::that(sim::Answer::kReply, {.delay = std::chrono::microseconds(5)}));
    sim::Host silent = sim::Host::that(sim::Answer::kRouterError);
    silent.error = family == Family::kIpv4 ? std::pair<std::uint8_t, std::uint8_t>{3, 1}
                                           : std::pair<std::uint8_t, std::uint8_t>{1, 3};
    network_.set_host(unreachable_, silent);
  }

  [[nodiscard]] std::unique_ptr<io::PacketIo> open(const OpenOptions& options) override {
    auto io = std::make_unique<sim::SimulatedPacketIo>(timeline_, pool_, network_, sim::Random(options.identifier));
    io->mutable_traits().identifier_v4 = wire::Identifier(options.identifier);
    io->mutable_traits().identifier_v6 = wire::Identifier(options.identifier);
    // What Linux charges a receive buffer for a small packet.
    constexpr std::size_t kPacketCharge = 832;
    io->kernel().receive_queue = options.buffer / kPacketCharge;
    return io;
  }
  [[nodiscard]] const io::Clock& clock() const override { return timeline_.clock(); }
  void run_until(const std::function<bool()>& done) override {
    const base::MonoTime patience = timeline_.now() + std::chrono::milliseconds(500);
    while (!done() && timeline_.now() < patience) timeline_.advance_to(std::min(timeline_.next_event(), patience));
  }
  [[nodiscard]] IpAddress answering() const override { return answering_; }
  [[nodiscard]] wire::PacketOptions refused() const override {
    wire::PacketOptions options;
    options.source = IpAddress::parse(answering_.is_v4() ? "192.0.2.77" : "2001:db8::77");
    return options;
  }
  [[nodiscard]] std::optional<Unreachable> unreachable() const override {
    return Unreachable{unreachable_, sim::Network::router(unreachable_.family())};
  }

 private:
  IpAddress answering_;
  IpAddress unreachable_;
  sim::Timeline timeline_;
  sim::PacketPool pool_;
  sim::Network network_{timeline_, pool_, sim::Random(1)};
};

template <Family family>
std::unique_ptr<World> simulated() {
  return std::make_unique<SimulatedWorld>(family);
}

INSTANTIATE_TEST_SUITE_P(Simulated, PacketIoContract,
                         ::testing::Values(WorldKind{"V4", &simulated<Family::kIpv4>},
                                           WorldKind{"V6", &simulated<Family::kIpv6>}),
                         world_name);

}  // namespace

}  // namespace sounder::contract
