/// The contract on Windows: raw sockets of both families, on loopback, and towards the namespaces that
/// scripts/windows-test sets up around Wine, whose addresses it gives in the environment.
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstdlib>
#include <optional>
#include <stdexcept>

#include "engine/platform/platform.h"
#include "tests/contract/packet_io_contract.h"

namespace sounder::contract {

namespace {

using base::Family;
using base::IpAddress;

/// A hang, not a speed: an idle machine needs microseconds, Wine some milliseconds.
constexpr auto kPatience = std::chrono::milliseconds(500);

class SilentLogger final : public base::Logger {
 public:
  void log(base::LogLevel, std::string_view, std::initializer_list<base::LogField>) override {}
};

class WindowsWorld : public World {
 public:
  explicit WindowsWorld(Family family) : family_(family) {}

  /// Stock Wine 8 has no raw ICMPv6 sockets, and a host may have no such family.
  [[nodiscard]] std::string missing() const override {
    boost::asio::io_context context;
    SilentLogger log;
    const auto opened = platform::open_packet_io({}, context.get_executor(), *clock_, log);
    if (!opened) return opened.error().message();
    const io::PacketIoTraits& traits = (*opened)->traits();
    return (family_ == Family::kIpv4 ? traits.ipv4 : traits.ipv6) ? "" : "no raw sockets of this family here";
  }
  [[nodiscard]] std::unique_ptr<io::PacketIo> open(const OpenOptions& options) override {
    platform::PacketIoConfig config;
    config.identifier = options.identifier;
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
  [[nodiscard]] Family family() const { return family_; }

 private:
  Family family_;
  SilentLogger log_;
  std::unique_ptr<io::Clock> clock_ = platform::make_clock();
  boost::asio::io_context context_;
};

class LoopbackWorld final : public WindowsWorld {
 public:
  using WindowsWorld::WindowsWorld;
  [[nodiscard]] IpAddress answering() const override {
    return *IpAddress::parse(family() == Family::kIpv4 ? "127.0.0.1" : "::1");
  }
};

std::optional<IpAddress> from_environment(const char* name) {
  const char* const text = std::getenv(name);
  return text == nullptr ? std::nullopt : IpAddress::parse(text);
}

class RoutedWorld final : public WindowsWorld {
 public:
  explicit RoutedWorld(Family family)
      : WindowsWorld(family),
        answering_(from_environment(family == Family::kIpv4 ? "SOUNDER_ANSWERING_V4" : "SOUNDER_ANSWERING_V6")),
        unreachable_(from_environment(family == Family::kIpv4 ? "SOUNDER_UNREACHABLE_V4" : "SOUNDER_UNREACHABLE_V6")) {}

  [[nodiscard]] std::string missing() const override {
    return answering_ && unreachable_ ? WindowsWorld::missing()
                                      : "no addresses of a router in the environment (scripts/windows-test)";
  }
  [[nodiscard]] IpAddress answering() const override { return answering_.value_or(IpAddress()); }
  [[nodiscard]] std::optional<Unreachable> unreachable() const override {
    return Unreachable{*unreachable_, *answering_};  // the router answers for itself
  }

 private:
  std::optional<IpAddress> answering_;
  std::optional<IpAddress> unreachable_;
};

template <class Kind, Family family>
std::unique_ptr<World> make() {
  return std::make_unique<Kind>(family);
}

INSTANTIATE_TEST_SUITE_P(Windows, PacketIoContract,
                         ::testing::Values(WorldKind{"LoopbackV4", &make<LoopbackWorld, Family::kIpv4>},
                                           WorldKind{"LoopbackV6", &make<LoopbackWorld, Family::kIpv6>},
                                           WorldKind{"RoutedV4", &make<RoutedWorld, Family::kIpv4>},
                                           WorldKind{"RoutedV6", &make<RoutedWorld, Family::kIpv6>}),
                         world_name);

}  // namespace

}  // namespace sounder::contract
