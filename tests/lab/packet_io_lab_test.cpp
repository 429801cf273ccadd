/// Packet I/O against the kernel's routing, filtering and neighbour tables, and as the wire shows it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "engine/base/limits.h"
#include "engine/platform/platform.h"
#include "engine/wire/icmp.h"
#include "engine/wire/ipv4.h"
#include "tests/lab/packet_io_capture.h"
#include "tests/support/netns.h"
#include "tests/support/require.h"

namespace sounder::platform {

namespace {

using base::Family;
using base::IpAddress;
using wire::SendFailure;

class RecordingLogger final : public base::Logger {
 public:
  void log(base::LogLevel, std::string_view event, std::initializer_list<base::LogField> fields) override {
    std::string line(event);
    for (const base::LogField& field : fields) line += " " + std::string(field.key) + "=" + field.value;
    lines.push_back(line);
  }
  std::vector<std::string> lines;
};

class PacketIoLab : public ::testing::TestWithParam<Family> {
 protected:
  void SetUp() override {
    SOUNDER_SKIP_WITHOUT(testing::can_make_namespaces(), "needs root and iproute2");
    net_.emplace();
    inside_.emplace(net_->monitor);
    PacketIoConfig config;
    config.identifier = 0x1ab5;
    auto opened = open_packet_io(config, context_.get_executor(), *clock_, log_);
    ASSERT_TRUE(opened) << opened.error().message();
    io_ = std::move(*opened);
  }

  [[nodiscard]] bool v4() const { return GetParam() == Family::kIpv4; }
  /// The one of the test's family.
  [[nodiscard]] const char* pick(const char* of_v4, const char* of_v6) const { return v4() ? of_v4 : of_v6; }
  [[nodiscard]] IpAddress address(const char* of_v4, const char* of_v6) const {
    return *IpAddress::parse(pick(of_v4, of_v6));
  }
  void ip(const std::string& of_v4, const std::string& of_v6) {
    net_->monitor.run(v4() ? "ip " + of_v4 : "ip -6 " + of_v6);
  }

  SendFailure send(const IpAddress& to, const wire::PacketOptions& options = {}, std::uint16_t size = 56) {
    return send_all({to}, options, size).at(0).failure;
  }
  std::vector<wire::TxResult> send_all(const std::vector<IpAddress>& targets, const wire::PacketOptions& options,
                                       std::uint16_t size) {
    std::vector<wire::TxRequest> requests;
    for (const IpAddress& target : targets) {
      wire::TxRequest request;
      request.destination = target;
      request.identifier = wire::Identifier(0x1ab5);
      request.data_size = size;
      request.options = &options;
      requests.push_back(request);
    }
    base::BoundedVector<wire::TxResult> results(base::kSendBatch);
    io_->send(requests, results);
    return {results.begin(), results.end()};
  }
  /// The first packet that comes, if any.
  std::optional<wire::RxPacket> receive() {
    for (bool ready = true; ready;) {
      const auto received = io_->receive();
      if (!received.packets.empty()) return received.packets[0];
      ready = false;
      io_->async_wait([&ready] { ready = true; });
      context_.restart();
      while (!ready && context_.run_one_for(std::chrono::seconds(2)) != 0) {
      }
      io_->cancel_wait();
    }
    return std::nullopt;
  }

  std::optional<testing::VethPair> net_;
  std::optional<testing::InNamespace> inside_;
  RecordingLogger log_;
  std::unique_ptr<io::Clock> clock_ = make_clock();
  boost::asio::io_context context_;
  std::unique_ptr<io::PacketIo> io_;
};

INSTANTIATE_TEST_SUITE_P(Families, PacketIoLab, ::testing::Values(Family::kIpv4, Family::kIpv6),
                         [](const auto& test) { return test.param == Family::kIpv4 ? "V4" : "V6"; });

TEST_P(PacketIoLab, RoutesThatRefuseGiveTheirReason) {
  for (const std::string kind : {"blackhole", "unreachable", "prohibit"}) {
    ip("route replace " + kind + " 10.102.0.0/16", "route replace " + kind + " fd12::/64");
    const auto failure = send(address("10.102.0.1", "fd12::1"));
    EXPECT_EQ(failure, kind == "prohibit" ? SendFailure::kAccessDenied : SendFailure::kNoRoute) << kind;
  }
  EXPECT_EQ(send(address("10.222.0.1", "fd22::1")), SendFailure::kNoRoute) << "no route at all";
}

TEST_P(PacketIoLab, ALocalFilterIsNotTheNetworksFault) {
  net_->monitor.feed("nft -f -", std::string("table inet t { chain c { type filter hook output priority 0; ") +
                                     pick("ip daddr 10.100.0.5", "ip6 daddr fd10::5") + " drop; }; }\n");
  EXPECT_EQ(send(address("10.100.0.5", "fd10::5")), SendFailure::kNotPermitted);
  EXPECT_EQ(send(address("10.100.0.6", "fd10::6")), SendFailure::kNone);
}

TEST_P(PacketIoLab, AnInterfaceThatIsNotThereRefuses) {
  wire::PacketOptions options;
  options.interface_index = 4711;
  EXPECT_EQ(send(address("10.100.0.5", "fd10::5"), options), SendFailure::kNoDevice);
  options.interface_index = interface_index("va").value_or(0);
  EXPECT_EQ(send(address("10.99.0.2", "fd99::2"), options), SendFailure::kNone);
  EXPECT_TRUE(receive());
}

TEST_P(PacketIoLab, ARouterThatEndsTheTtlIsTheSource) {
  net_->responder.run(v4() ? "ip route add 10.103.0.0/16 via 10.99.0.1" : "ip -6 route add fd13::/64 via fd99::1");
  ip("route add 10.103.0.0/16 via 10.99.0.2", "route add fd13::/64 via fd99::2");
  wire::PacketOptions options;
  options.ttl = 1;
  ASSERT_EQ(send(address("10.103.0.1", "fd13::1"), options), SendFailure::kNone);
  const auto packet = receive();
  ASSERT_TRUE(packet);
  EXPECT_EQ(packet->source, address("10.99.0.2", "fd99::2"));
  const auto message = wire::parse_icmp(*packet);
  const auto* error = std::get_if<wire::IcmpError>(&message);
  ASSERT_NE(error, nullptr);
  EXPECT_EQ(error->type, v4() ? wire::icmpv4::kTimeExceeded : wire::icmpv6::kTimeExceeded);
}

TEST_P(PacketIoLab, AMarkChoosesItsRoute) {
  ip("rule add fwmark 0x77 prohibit", "rule add fwmark 0x77 prohibit");
  wire::PacketOptions options;
  EXPECT_EQ(send(address("10.100.0.5", "fd10::5"), options), SendFailure::kNone);
  options.mark = 0x77;
  EXPECT_EQ(send(address("10.100.0.5", "fd10::5"), options), SendFailure::kAccessDenied);
}

TEST_P(PacketIoLab, SourceTtlAndDscpAreOnTheWire) {
  ip("addr add 10.99.0.11/16 dev va", "addr add fd99::11/64 dev va nodad");
  testing::Capture capture(net_->responder, "vb");
  wire::PacketOptions options;
  options.source = address("10.99.0.11", "fd99::11");
  options.ttl = 33;
  options.dscp = 46;
  ASSERT_EQ(send(address("10.100.0.5", "fd10::5"), options), SendFailure::kNone);
  const auto packet = capture.next_request();
  ASSERT_FALSE(packet.empty());
  const auto at = [&](std::size_t offset) { return std::to_integer<unsigned>(packet.at(offset)); };
  EXPECT_EQ(at(v4() ? 8 : 7), 33U);
  EXPECT_EQ(v4() ? at(1) : ((at(0) & 0x0fU) << 4U | at(1) >> 4U), 46U << 2U);
  EXPECT_EQ(at(v4() ? 15 : 23), 0x0bU + (v4() ? 0 : 6)) << "the last byte of the source";
}

TEST_P(PacketIoLab, TheDefaultsAreOnTheWireWhateverTheSystemsAre) {
  net_->monitor.run(
      "sysctl -qw net.ipv4.ip_default_ttl=99 net.ipv6.conf.all.hop_limit=99 net.ipv6.conf.va.hop_limit=99");
  testing::Capture capture(net_->responder, "vb");
  ASSERT_EQ(send(address("10.100.0.5", "fd10::5")), SendFailure::kNone);
  const auto packet = capture.next_request();
  ASSERT_FALSE(packet.empty());
  EXPECT_EQ(std::to_integer<unsigned>(packet.at(v4() ? 8 : 7)), 64U);
}

TEST_P(PacketIoLab, DontFragmentHoldsForThosePacketsThatAskForIt) {
  testing::Capture capture(net_->responder, "vb");
  const auto target = address("10.100.0.5", "fd10::5");
  wire::PacketOptions whole;
  whole.dont_fragment = true;
  EXPECT_EQ(send(target, whole, 3000), SendFailure::kMessageTooBig);
  EXPECT_EQ(send(target, {}, 3000), SendFailure::kNone);
  EXPECT_TRUE(receive()) << "in fragments it arrives, and its reply too";
  if (!v4()) return;
  for (const bool asked : {true, false, true}) {
    whole.dont_fragment = asked;
    ASSERT_EQ(send(target, whole, 100), SendFailure::kNone);
    // Of the large request the capture saw the first fragment.
    auto packet = capture.next_request();
    while (!packet.empty() && packet.size() != 20 + 8 + 100) packet = capture.next_request();
    const auto header = wire::parse_ipv4(packet);
    ASSERT_TRUE(header);
    EXPECT_EQ(header->dont_fragment, asked);
  }
}

TEST(PacketIoRights, WithoutEitherRightTheErrorNamesBothRemedies) {
  SOUNDER_SKIP_WITHOUT(testing::can_make_namespaces(), "needs root and iproute2");
  const testing::NetworkNamespace bare("bare");  // the kernel's default lets nobody have unprivileged sockets
  const testing::InNamespace inside(bare);
  PacketIoConfig config;
  config.allow_raw = false;
  RecordingLogger log;
  boost::asio::io_context context;
  const auto clock = make_clock();
  const auto opened = open_packet_io(config, context.get_executor(), *clock, log);
  ASSERT_FALSE(opened);
  EXPECT_THAT(opened.error().message(), ::testing::HasSubstr("cap_net_raw"));
  EXPECT_THAT(opened.error().message(), ::testing::HasSubstr("net.ipv4.ping_group_range"));
}

TEST_P(PacketIoLab, AFullNeighbourTableIsNamedOnce) {
  // The table is the machine's, so its limit is the initial namespace's to tell: 1024 unless somebody raised it.
  std::vector<IpAddress> targets;
  SendFailure last = SendFailure::kNone;
  for (std::uint32_t i = 0; i < 12'000 && log_.lines.empty(); ++i) {
    const auto low = static_cast<std::uint8_t>(i & 0xffU);
    const auto high = static_cast<std::uint8_t>(0x10U + (i >> 8U));
    targets.push_back(v4() ? IpAddress::v4({10, 99, high, low})
                           : IpAddress::v6({0xfd, 0x99, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7, high, low}));
    if (targets.size() < base::kSendBatch) continue;
    for (const auto& result : send_all(targets, {}, 56)) {
      if (result.failure != SendFailure::kNone) last = result.failure;
    }
    targets.clear();
  }
  if (last == SendFailure::kNone) GTEST_SKIP() << "this machine's neighbour table holds more";
  EXPECT_EQ(last, SendFailure::kNoBuffer);
  for (int i = 0; i < 3; ++i) send_all(std::vector(10, address("10.99.99.99", "fd99::99:99")), {}, 56);
  ASSERT_THAT(log_.lines, ::testing::SizeIs(1));
  EXPECT_THAT(log_.lines[0],
              ::testing::HasSubstr(pick("net.ipv4.neigh.default.gc_thresh3", "net.ipv6.neigh.default.gc_thresh3")));
}

}  // namespace

}  // namespace sounder::platform
