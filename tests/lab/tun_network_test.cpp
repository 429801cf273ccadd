// The lab's own alarms: a run in which it, or its device, lost a packet is void and says so.
#include "tests/lab/tun_network.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <thread>

#include "tests/lab/expected.h"
#include "tests/support/netns.h"
#include "tests/support/require.h"

namespace sounder::lab {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr const char* kOneHost = "groups: [{name: a, first: 10.77.0.1, delay: {base: 1h}}]";

/// Echo requests to 10.77.0.1, as another program than the daemon would send them.
void send_requests(int count) {
  const int raw = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMP);
  ASSERT_GE(raw, 0);
  const std::array<std::uint8_t, 8> request{0x08, 0x00, 0xf7, 0xff, 0x00, 0x00, 0x00, 0x00};
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(0x0a4d'0001);
  for (int i = 0; i < count; ++i) {
    sendto(raw, request.data(), request.size(), 0, reinterpret_cast<const sockaddr*>(&address), sizeof address);
  }
  close(raw);
}

class TunNetworkTest : public ::testing::Test {
 protected:
  void SetUp() override {
    SOUNDER_SKIP_WITHOUT(testing::can_make_namespaces(), "needs root and iproute2 to make network namespaces");
    scenario_ = *parse_scenario("one", kOneHost);
  }

  /// So many requests wait in the device's queue until the network is started; then so many are waited for.
  std::vector<std::string> void_for(int queue_packets, int requests, std::uint64_t taken) {
    const testing::NetworkNamespace where("lab");
    const testing::InNamespace inside(where);
    TunNetwork network(scenario_, where, queue_packets);
    send_requests(requests);
    network.start();
    constexpr std::chrono::seconds kHang{10};
    const auto give_up = std::chrono::steady_clock::now() + kHang;
    while (network.requests() < taken && std::chrono::steady_clock::now() < give_up) std::this_thread::yield();
    network.stop();
    EXPECT_EQ(network.requests(), std::max(taken, network.requests()));
    return network.void_for();
  }

  Scenario scenario_;
};

TEST_F(TunNetworkTest, IsVoidWhenTheDevicesQueueWasTooShort) {
  // The kernel's own packets may have taken all of it (RFC 4861 §6.3.7), so that none of ours came through.
  EXPECT_THAT(void_for(4, 100, 0), Contains(HasSubstr("the device dropped")));
}

TEST_F(TunNetworkTest, IsVoidWhenAnAnswerWasStillOnItsWay) {
  EXPECT_THAT(void_for(1000, 10, 10), ElementsAre(HasSubstr("10 packets were never sent")));
}

TEST_F(TunNetworkTest, IsNotVoidWhenAllWasTakenAndAnswered) {
  scenario_.groups[0].host.weights = {};
  scenario_.groups[0].host.weights[static_cast<std::size_t>(sim::Answer::kSilent)] = 1;
  EXPECT_THAT(void_for(1000, 10, 10), IsEmpty());
}

}  // namespace
}  // namespace sounder::lab
