/// The contract on Linux: raw and unprivileged sockets, both ways of pairing stamps, both families, each in a network
/// namespace of its own with a router behind a veth pair; and raw sockets on the loopback of where the test runs.
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <optional>

#include "engine/platform/platform.h"
#include "tests/contract/packet_io_contract.h"
#include "tests/support/netns.h"

namespace sounder::contract {

namespace {

using base::Family;
using base::IpAddress;

/// A hang, not a speed: an idle machine needs microseconds.
constexpr auto kPatience = std::chrono::milliseconds(300);

class SilentLogger final : public base::Logger {
 public:
  void log(base::LogLevel, std::string_view, std::initializer_list<base::LogField>) override {}
};

class LinuxWorld : public World {
 public:
  LinuxWorld(Family family, const platform::PacketIoConfig& config) : family_(family), config_(config) {}

  [[nodiscard]] std::unique_ptr<io::PacketIo> open(const OpenOptions& options) override {
    platform::PacketIoConfig config = config_;
    // Tests of other processes may run on the same loopback at the same time: theirs must not be ours.
    config.identifier = static_cast<std::uint16_t>(options.identifier ^ static_cast<unsigned>(getpid()));
    config.receive_buffer = options.buffer;
    auto opened = platform::open_packet_io(config, context_.get_executor(), *clock_, log_);
    if (!opened) throw std::runtime_error(opened.error().message());
    return std::move(*opened);
  }
  [[nodiscard]] const io::Clock& clock() const override { return *clock_; }
  void run_until(const std::function<bool()>& done) override {
    context_.restart();
    while (!done() && context_.run_one_for(kPatience) != 0) {
    }
  }
  [[nodiscard]] wire::PacketOptions refused() const override {
    wire::PacketOptions options;  // from an address that no host has (RFC 5737, RFC 3849)
    options.source = IpAddress::parse(family_ == Family::kIpv4 ? "192.0.2.77" : "2001:db8::77");
    return options;
  }

 protected:
  [[nodiscard]] IpAddress of_family(const char* v4, const char* v6) const {
    return *IpAddress::parse(family_ == Family::kIpv4 ? v4 : v6);
  }

 private:
  Family family_;
  platform::PacketIoConfig config_;
  SilentLogger log_;
  std::unique_ptr<io::Clock> clock_ = platform::make_clock();
  boost::asio::io_context context_;
};

class LoopbackWorld final : public LinuxWorld {
 public:
  using LinuxWorld::LinuxWorld;
  [[nodiscard]] std::string missing() const override { return testing::can_make_namespaces() ? "" : "needs root"; }
  [[nodiscard]] IpAddress answering() const override { return of_family("127.0.0.1", "::1"); }
};

class RoutedWorld final : public LinuxWorld {
 public:
  RoutedWorld(Family family, const platform::PacketIoConfig& config) : LinuxWorld(family, config) {
    if (!testing::can_make_namespaces()) return;
    net_.emplace();
    net_->monitor.run("sysctl -qw net.ipv4.ping_group_range='0 0'");
    net_->monitor.run("ip route add 10.101.0.0/16 via 10.99.0.2");
    net_->monitor.run("ip -6 route add fd11::/64 via fd99::2");
    net_->responder.run("ip route add unreachable 10.101.0.0/16");
    net_->responder.run("ip -6 route add unreachable fd11::/64");
    inside_.emplace(net_->monitor);
  }
  [[nodiscard]] std::string missing() const override { return inside_ ? "" : "needs root and iproute2"; }
  [[nodiscard]] IpAddress answering() const override { return of_family("10.100.3.4", "fd10::3:4"); }
  [[nodiscard]] std::optional<Unreachable> unreachable() const override {
    return Unreachable{of_family("10.101.0.9", "fd11::9"), of_family("10.99.0.2", "fd99::2")};
  }

 private:
  std::optional<testing::VethPair> net_;
  std::optional<testing::InNamespace> inside_;
};

template <class Kind, Family family>
std::unique_ptr<World> raw() {
  return std::make_unique<Kind>(family, platform::PacketIoConfig{});
}

template <Family family>
std::unique_ptr<World> counted_stamps() {
  platform::PacketIoConfig config;
  config.own_stamp_ids = false;
  return std::make_unique<RoutedWorld>(family, config);
}

template <Family family>
std::unique_ptr<World> ping() {
  platform::PacketIoConfig config;
  config.allow_raw = false;
  return std::make_unique<RoutedWorld>(family, config);
}

INSTANTIATE_TEST_SUITE_P(Linux, PacketIoContract,
                         ::testing::Values(WorldKind{"LoopbackRawV4", &raw<LoopbackWorld, Family::kIpv4>},
                                           WorldKind{"LoopbackRawV6", &raw<LoopbackWorld, Family::kIpv6>},
                                           WorldKind{"RoutedRawV4", &raw<RoutedWorld, Family::kIpv4>},
                                           WorldKind{"RoutedRawV6", &raw<RoutedWorld, Family::kIpv6>},
                                           WorldKind{"CountedStampsV4", &counted_stamps<Family::kIpv4>},
                                           WorldKind{"CountedStampsV6", &counted_stamps<Family::kIpv6>},
                                           WorldKind{"PingV4", &ping<Family::kIpv4>},
                                           WorldKind{"PingV6", &ping<Family::kIpv6>}),
                         world_name);

}  // namespace

}  // namespace sounder::contract
