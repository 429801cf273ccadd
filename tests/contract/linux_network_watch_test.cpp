/// The network watch against the real kernel: whatever happened on the way, when changes stop, the state that it feeds
/// is what ip(8) prints.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/json.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "engine/net/state.h"
#include "engine/platform/platform.h"
#include "tests/contract/network_watch_contract.h"
#include "tests/crowd/route_flapper.h"
#include "tests/support/child_process.h"
#include "tests/support/netns.h"
#include "tests/support/require.h"

namespace sounder::platform {
namespace {

using namespace std::chrono_literals;
namespace json = boost::json;

/// Finds hangs only.
constexpr auto kLong = 30s;

/// Interfaces, addresses and routes of the main table, a line each.
using Table = std::set<std::string>;

/// What ip(8) says in JSON, in the namespace of the calling thread.
json::array ask(const std::string& arguments) {
  sounder::testing::ChildProcess child({"sh", "-c", "ip -j " + arguments});
  child.wait_for_output([](const std::string&) { return false; }, kLong);  // to the end
  EXPECT_EQ(child.wait_exit(kLong), 0);
  // It prints nothing at all where there is nothing.
  const std::string text = child.output();
  return text.find('[') == std::string::npos ? json::array() : json::parse(text).as_array();
}

/// Adds and removes more than a tiny buffer holds, while nobody reads; what is left are 10.8.0.1 to 10.8.0.249.
void storm(const sounder::testing::NetworkNamespace& host) {
  std::string commands;
  for (int round = 0; round < 3; ++round) {
    for (int i = 1; i < 250; ++i) commands += "address add 10.8.0." + std::to_string(i) + "/32 dev wa\n";
    for (int i = 1; i < 250 && round < 2; ++i) commands += "address del 10.8.0." + std::to_string(i) + "/32 dev wa\n";
  }
  host.feed("ip -batch -", commands);
}

class LinuxNetworkWatch : public ::testing::Test {
 protected:
  void SetUp() override {
    SOUNDER_SKIP_WITHOUT(sounder::testing::can_make_namespaces(), "needs root and iproute2");
    namespace_ = std::make_unique<sounder::testing::NetworkNamespace>("watch");
    in_ = std::make_unique<sounder::testing::InNamespace>(*namespace_);
    ip("link add wa type veth peer name wb");
    ip("link set wb up");
    ip("link set wa up");
  }

  void ip(const std::string& arguments) { namespace_->run("ip " + arguments); }

  void open(std::size_t receive_buffer = std::size_t{1} << 20U) {
    auto watch = open_network_watch({receive_buffer}, service_.get_executor());
    ASSERT_TRUE(watch) << watch.error().message();
    watch_ = std::move(*watch);
    watch_->start([this](std::span<const net::WatchEvent> events) {
      for (const net::WatchEvent& event : events) state_.apply(event);
    });
  }

  /// Runs the loop until `condition` holds; false if it does not in time.
  bool run_until(const std::function<bool()>& condition) {
    const auto end = std::chrono::steady_clock::now() + kLong;
    while (!condition() && std::chrono::steady_clock::now() < end) service_.run_one_for(100ms);
    return condition();
  }

  static std::string text(const json::object& object, const char* key) {
    const json::value* value = object.if_contains(key);
    return value == nullptr ? "" : std::string(value->as_string());
  }

  Table kernel() const {
    Table table;
    for (const json::value& value : ask("address")) {
      const json::object& link = value.as_object();
      const std::string name = text(link, "ifname");
      bool up = false;
      for (const json::value& flag : link.at("flags").as_array()) up = up || flag.as_string() == "UP";
      table.insert("link " + name + (up ? " up" : " down"));
      for (const json::value& info : link.at("addr_info").as_array()) {
        const json::object& address = info.as_object();
        table.insert("address " + name + " " + text(address, "local") + "/" +
                     std::to_string(address.at("prefixlen").as_int64()));
      }
    }
    for (const char* family : {"-4", "-6"}) {
      for (const json::value& value : ask(std::string(family) + " route show table main")) {
        const json::object& route = value.as_object();
        const std::string start = "route " + destination(text(route, "dst"), family) + " ";
        const json::value* hops = route.if_contains("nexthops");
        if (hops == nullptr) table.insert(start + next_hop(route));
        for (std::size_t i = 0; hops != nullptr && i < hops->as_array().size(); ++i) {
          table.insert(start + next_hop(hops->as_array().at(i).as_object()));
        }
      }
    }
    return table;
  }

  static std::string next_hop(const json::object& hop) { return text(hop, "gateway") + " " + text(hop, "dev"); }

  static std::string destination(const std::string& dst, const std::string& family) {
    if (dst == "default") return family == "-4" ? "0.0.0.0/0" : "::/0";
    if (dst.find('/') != std::string::npos) return dst;
    return dst + (family == "-4" ? "/32" : "/128");
  }

  Table watched() const {
    Table table;
    const auto name = [this](net::InterfaceIndex index) {
      const auto found = state_.interfaces().find(index);
      return found == state_.interfaces().end() ? "?" : found->second.object.name;
    };
    for (const auto& [key, entry] : state_.interfaces()) {
      table.insert("link " + entry.object.name + (entry.object.up ? " up" : " down"));
    }
    for (const auto& [key, entry] : state_.addresses()) {
      table.insert("address " + name(key.interface) + " " + key.address.to_string() + "/" +
                   std::to_string(key.prefix_length));
    }
    for (const auto& [key, entry] : state_.routes()) {
      if (key.table != 254 || entry.object.kind == net::RouteKind::kBroadcast) continue;
      table.insert("route " + key.destination.to_string() + "/" + std::to_string(key.prefix_length) + " " +
                   (key.gateway ? key.gateway->to_string() : "") + " " + name(key.interface));
    }
    return table;
  }

  /// Both must agree in the end. The kernel is asked anew each time, since addresses of IPv6 become usable on their
  /// own.
  void expect_equal_in_the_end() {
    run_until([this] { return state_.complete() && watched() == kernel(); });
    EXPECT_EQ(watched(), kernel());
    EXPECT_TRUE(state_.complete());
  }

  std::unique_ptr<sounder::testing::NetworkNamespace> namespace_;
  std::unique_ptr<sounder::testing::InNamespace> in_;
  boost::asio::io_context service_;
  net::State state_;
  std::unique_ptr<io::NetworkWatch> watch_;
};

TEST_F(LinuxNetworkWatch, BeginsWithTheTablesAsTheyAre) {
  ip("address add 10.7.0.1/24 dev wa");
  ip("route add 192.0.2.0/24 via 10.7.0.2");
  open();
  expect_equal_in_the_end();
  EXPECT_EQ(watch_->numbers().resyncs, 0U);
  EXPECT_FALSE(state_.policy_routing());
}

TEST_F(LinuxNetworkWatch, FollowsWhatIsAddedReplacedAndRemoved) {
  open();
  expect_equal_in_the_end();
  for (const char* change :
       {"address add 10.7.0.1/24 dev wa", "address add fd07::1/64 dev wa nodad", "route add 192.0.2.0/24 via 10.7.0.2",
        "route replace 192.0.2.0/24 via 10.7.0.3", "route add default via 10.7.0.2 metric 50",
        "-6 route add 2001:db8::/32 via fd07::2", "route add 198.51.100.0/24 nexthop via 10.7.0.2 nexthop via 10.7.0.4",
        "route del 192.0.2.0/24", "link set wa mtu 1400", "address del 10.7.0.1/24 dev wa", "link del wa"}) {
    SCOPED_TRACE(change);
    ip(change);
    expect_equal_in_the_end();
  }
}

TEST_F(LinuxNetworkWatch, SeesTheRoutesGoThatALinkTakesWithIt) {
  ip("address add 10.7.0.1/24 dev wa");
  ip("route add 192.0.2.0/24 via 10.7.0.2");
  open();
  expect_equal_in_the_end();
  ip("link set wa down");
  expect_equal_in_the_end();
  EXPECT_THAT(watched(), ::testing::Not(::testing::Contains("route 192.0.2.0/24 10.7.0.2 wa")));
  ip("link set wa up");
  expect_equal_in_the_end();
}

TEST_F(LinuxNetworkWatch, SeesTheCarrierGoAndComeBack) {
  open();
  const auto carrier = [this] {
    for (const auto& [index, entry] : state_.interfaces()) {
      if (entry.object.name == "wa") return entry.object.carrier;
    }
    return false;
  };
  EXPECT_TRUE(run_until([&] { return state_.complete() && carrier(); }));
  ip("link set wb down");
  EXPECT_TRUE(run_until([&] { return !carrier(); }));
  ip("link set wb up");
  EXPECT_TRUE(run_until(carrier));
}

TEST_F(LinuxNetworkWatch, TellsOfPolicyRouting) {
  open();
  EXPECT_TRUE(run_until([this] { return state_.complete(); }));
  EXPECT_FALSE(state_.policy_routing());
  ip("rule add from 10.0.0.0/8 table 100");
  EXPECT_TRUE(run_until([this] { return state_.policy_routing(); }));
  ip("rule del from 10.0.0.0/8 table 100");
  EXPECT_TRUE(run_until([this] { return !state_.policy_routing(); }));
}

TEST_F(LinuxNetworkWatch, RecoversFromOverrunsOfATinyBuffer) {
  open(1);  // the kernel gives its smallest
  expect_equal_in_the_end();
  storm(*namespace_);
  expect_equal_in_the_end();
  EXPECT_GT(watch_->numbers().overruns, 0U);
  EXPECT_GT(watch_->numbers().resyncs, 0U);
  EXPECT_THAT(watched(), ::testing::Contains("address wa 10.8.0.249/32"));
}

/// What the buffer holds when it overruns is older than what was lost: applied after the dump, it would undo what the
/// dump said, and nothing would mend it.
TEST_F(LinuxNetworkWatch, RecoversFromAnOverrunOfALargeBufferFullOfOldNotices) {
  open(std::size_t{2} << 20U);
  expect_equal_in_the_end();
  crowd::RouteFlapper flapper("wa");
  for (int round = 0; round < 10; ++round) {
    flapper.add(0, 500);
    flapper.remove(0, 500);
  }
  flapper.add(0, 400);
  // Without asking the kernel in between, which would take its time for each of the old notices.
  EXPECT_TRUE(run_until([this] { return watch_->numbers().resyncs > 0; }));
  expect_equal_in_the_end();
  EXPECT_GT(watch_->numbers().overruns, 0U);
  // It stays so: nothing old is left that could be read later.
  service_.poll();
  EXPECT_EQ(watched(), kernel());
}

TEST_F(LinuxNetworkWatch, MayGoWhileADumpIsUnderWay) {
  open();
  service_.poll_one();
  watch_.reset();
  const net::State before = state_;
  service_.run_for(10ms);
  EXPECT_EQ(state_.size(), before.size());
  EXPECT_FALSE(state_.complete());
}

/// The contract, in a namespace of its own.
class LinuxWorld final : public contract::NetworkWorld {
 public:
  LinuxWorld() {
    if (!sounder::testing::can_make_namespaces()) return;
    host_.emplace("watched");
    inside_.emplace(*host_);
    host_->feed("ip -batch -",
                "link add wa type veth peer name wb\n"
                "link set wb up\n"
                "link set wa up\n"
                "address add 10.7.0.1/24 dev wa\n");
  }

  [[nodiscard]] std::string missing() const override { return host_ ? "" : "needs root and iproute2"; }
  [[nodiscard]] std::unique_ptr<io::NetworkWatch> open() override {
    return std::move(open_network_watch({.receive_buffer = kSmall}, loop_.get_executor()).value());
  }
  void run_until(const std::function<bool()>& done) override {
    loop_.restart();
    const auto end = std::chrono::steady_clock::now() + kLong;
    while (!done() && std::chrono::steady_clock::now() < end) loop_.run_one_for(100ms);
  }
  void run_some() override {
    loop_.restart();
    loop_.poll_one();
  }
  [[nodiscard]] std::set<base::IpAddress> addresses() override {
    std::set<base::IpAddress> addresses;
    for (const json::value& link : ask("address")) {
      for (const json::value& address : link.at("addr_info").as_array()) {
        addresses.insert(base::IpAddress::parse(std::string(address.at("local").as_string())).value());
      }
    }
    return addresses;
  }
  void add_address(const base::IpAddress& address) override { change("add", address); }
  void remove_address(const base::IpAddress& address) override { change("del", address); }
  bool lose_notices() override {
    storm(*host_);
    return true;
  }

 private:
  /// Bytes for notices: a fraction of a storm, and more than anything else brings.
  static constexpr std::size_t kSmall = std::size_t{64} << 10U;

  void change(const std::string& what, const base::IpAddress& address) const {
    const std::string length = address.is_v4() ? "/32" : "/128";
    const std::string options = what == "add" && !address.is_v4() ? " nodad" : "";
    host_->run("ip address " + what + " " + address.to_string() + length + " dev wa" + options);
  }

  std::optional<sounder::testing::NetworkNamespace> host_;
  std::optional<sounder::testing::InNamespace> inside_;
  boost::asio::io_context loop_;
};

std::unique_ptr<contract::NetworkWorld> make_world() { return std::make_unique<LinuxWorld>(); }

}  // namespace
}  // namespace sounder::platform

namespace sounder::contract {

INSTANTIATE_TEST_SUITE_P(Linux, NetworkWatchContract,
                         ::testing::Values(NetworkWorldKind{"netlink", &platform::make_world}), network_world_name);

}  // namespace sounder::contract
