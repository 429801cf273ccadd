// The tools of the scenarios, held against the kernel and against bytes: what they report must be so before the daemon
// is judged by it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <filesystem>
#include <functional>
#include <limits>
#include <stdexcept>
#include <system_error>
#include <vector>

#include "tests/crowd/crowd.h"
#include "tests/crowd/messages.h"
#include "tests/crowd/network_table.h"
#include "tests/crowd/process_numbers.h"
#include "tests/crowd/raw_client.h"
#include "tests/crowd/route_flapper.h"
#include "tests/support/daemon.h"
#include "tests/support/netns.h"
#include "tests/support/require.h"

namespace sounder::crowd {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

/// The daemon's end of connections: accepts, reads nothing.
class Listener {
 public:
  Listener() : path_(folder_.path() / "socket"), fd_(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path_.string().copy(address.sun_path, sizeof address.sun_path - 1);
    if (bind(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 || listen(fd_, 16) != 0) {
      throw std::system_error(errno, std::generic_category(), "listen");
    }
  }
  ~Listener() {
    for (const int stream : accepted_) close(stream);
    close(fd_);
  }
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  void accept_one() { accepted_.push_back(accept(fd_, nullptr, nullptr)); }
  /// Whether nobody has the other end of the first connection any more.
  [[nodiscard]] bool has_ended() const {
    pollfd wait{accepted_.at(0), POLLRDHUP, 0};
    return poll(&wait, 1, 0) == 1;
  }

 private:
  testing::TemporaryFolder folder_;
  std::filesystem::path path_;
  int fd_;
  std::vector<int> accepted_;
};

TEST(Crowd, AllReachTheirStageAndDieWhenKilled) {
  Crowd crowd(20, [](Member& member) {
    member.report().sent = member.index();
    member.reach(Stage::kReady);
    member.wait_for_go();
    member.reach(Stage::kDone);
    member.linger();
  });
  crowd.wait_for(Stage::kReady);
  EXPECT_EQ(crowd.sum(&Report::sent), 190U);
  EXPECT_EQ(crowd.report(7).stage, static_cast<std::uint32_t>(Stage::kReady));
  crowd.let_go();
  crowd.wait_for(Stage::kDone);
  crowd.kill_all();
}

TEST(Crowd, AFailureIsToldWithItsReason) {
  Crowd crowd(2, [](Member& member) {
    if (member.index() == 1) throw std::runtime_error("the reason");
    member.reach(Stage::kReady);
    member.linger();
  });
  try {
    crowd.wait_for(Stage::kReady);
    FAIL() << "nobody failed";
  } catch (const std::runtime_error& error) {
    EXPECT_THAT(error.what(), HasSubstr("the reason"));
  }
}

TEST(Crowd, AStoppedCrowdDoesNothingUntilItCarriesOn) {
  Crowd crowd(3, [](Member& member) {
    member.reach(Stage::kReady);
    member.wait_for_go();
    member.reach(Stage::kDone);
  });
  crowd.wait_for(Stage::kReady);
  crowd.stop();
  crowd.let_go();
  EXPECT_FALSE(
      crowd.wait_until([&] { return crowd.report(0).stage == static_cast<std::uint32_t>(Stage::kDone); }, 50ms));
  crowd.carry_on();
  crowd.wait_for(Stage::kDone);
}

/// One member connects, leaves its connection behind by `leave`, and is killed.
void expect_that_it_outlives(const std::function<void(Member&, int)>& leave, bool expected) {
  Listener listener;
  {
    Crowd crowd(1, [&](Member& member) {
      const RawClient client(listener.path());
      leave(member, client.fd());
      member.reach(Stage::kReady);
      member.linger();
    });
    crowd.wait_for(Stage::kReady);
    listener.accept_one();
    EXPECT_FALSE(listener.has_ended());
    crowd.kill_all();
    EXPECT_EQ(listener.has_ended(), !expected);
  }
  EXPECT_TRUE(listener.has_ended()) << "it outlives even the crowd";
}

TEST(Crowd, AConnectionEndsWithItsMember) {
  expect_that_it_outlives([](Member&, int) {}, false);
}

TEST(Crowd, AnHeirKeepsAConnection) {
  expect_that_it_outlives([](Member& member, int) { member.leave_to_heir(); }, true);
}

TEST(Crowd, AMessageKeepsAConnection) {
  expect_that_it_outlives([](Member& member, int fd) { member.leave_in_message(fd); }, true);
}

TEST(Crowd, ADescriptorCanBeTakenFromItsMessage) {
  Listener listener;
  Crowd crowd(1, [&](Member& member) {
    const RawClient client(listener.path());
    member.leave_in_message(client.fd());
    member.reach(Stage::kReady);
    member.linger();
  });
  crowd.wait_for(Stage::kReady);
  listener.accept_one();
  const int taken = crowd.take_from_message();
  crowd.kill_all();
  EXPECT_FALSE(listener.has_ended());
  close(taken);
  EXPECT_TRUE(listener.has_ended());
}

TEST(Latencies, QuantilesLieWithinABucket) {
  Latencies latencies;
  for (int i = 1; i <= 1000; ++i) latencies.count(std::chrono::microseconds(i));
  EXPECT_EQ(latencies.total(), 1000U);
  EXPECT_NEAR(static_cast<double>(latencies.quantile(0.5).count()), 500e3, 35e3);
  EXPECT_NEAR(static_cast<double>(latencies.quantile(0.99).count()), 990e3, 65e3);
  EXPECT_NEAR(static_cast<double>(latencies.quantile(1).count()), 1000e3, 65e3);
  EXPECT_EQ(Latencies().quantile(0.5), 0ns);
}

TEST(ProcessNumbers, SeeMemoryDescriptorsAndWork) {
  const ProcessNumbers before = numbers_of(getpid());
  std::vector<char> memory(std::size_t{32} << 20U, 'x');
  const Listener listener;
  const ProcessNumbers after = numbers_of(getpid());
  EXPECT_GE(after.resident, before.resident + memory.size() - (std::size_t{1} << 20U));
  EXPECT_EQ(after.descriptors, before.descriptors + 1);
  EXPECT_GT(after.cpu, before.cpu);
}

TEST(RouteFlapper, EveryChangeIsMadeAndOneNotice) {
  SOUNDER_SKIP_WITHOUT(testing::can_make_namespaces(), "needs root and iproute2 to make network namespaces");
  testing::VethPair lab;
  const testing::InNamespace inside(lab.monitor);
  RouteFlapper flapper("va");
  flapper.add(0, 1000);
  lab.monitor.run("sh -c 'test $(ip route show root 10.200.0.0/16 | wc -l) -eq 1000'");
  flapper.remove(0, 999);
  lab.monitor.run("sh -c 'test $(ip route show root 10.200.0.0/16 | wc -l) -eq 1'");
  EXPECT_THROW(flapper.remove(0, 1), std::system_error);
}

protocol::Message const& parse(const Bytes& bytes) { return *protocol::GetSizePrefixedMessage(bytes.data()); }

/// ChangeEvents as a daemon would send them, with `count` changes.
Bytes events(std::uint64_t first, std::uint64_t missed, std::size_t count) {
  flatbuffers::FlatBufferBuilder builder;
  std::vector<flatbuffers::Offset<protocol::Change>> list;
  for (std::size_t i = 0; i < count; ++i) list.push_back(protocol::CreateChange(builder, first + i));
  const auto body =
      protocol::CreateChangeEventsDirect(builder, protocol::ObjectKinds::Route, first, missed, &list).Union();
  builder.FinishSizePrefixed(protocol::CreateMessage(builder, protocol::Body::ChangeEvents, body));
  const auto* begin = reinterpret_cast<const std::byte*>(builder.GetBufferPointer());
  return {begin, begin + builder.GetSize()};
}

/// A message of level watches: host routes that are there, and one that has gone.
Bytes level(bool begins, bool ends, const std::vector<std::uint32_t>& there, std::uint32_t gone = 0) {
  flatbuffers::FlatBufferBuilder builder;
  std::vector<flatbuffers::Offset<protocol::Change>> list;
  const auto add = [&](std::uint32_t address, bool is_gone) {
    const auto to = ipv4(address);
    const auto route = protocol::CreateRoute(builder, &to, 32, 254);
    list.push_back(protocol::CreateChange(builder, 1, is_gone, 0, 0, route));
  };
  for (const std::uint32_t address : there) add(address, false);
  if (gone != 0) add(gone, true);
  const auto body = protocol::CreateChangesDirect(builder, begins, ends, &list).Union();
  builder.FinishSizePrefixed(protocol::CreateMessage(builder, protocol::Body::Changes, body));
  const auto* begin = reinterpret_cast<const std::byte*>(builder.GetBufferPointer());
  return {begin, begin + builder.GetSize()};
}

TEST(EventCount, HoldsGapsToTheirNumbers) {
  EventCount count;
  const auto take = [&](std::uint64_t first, std::uint64_t missed, std::size_t changes) {
    count.take(*parse(events(first, missed, changes)).body_as_ChangeEvents());
  };
  take(10, 0, 5);
  take(15, 0, 1);
  take(20, 4, 2);
  EXPECT_EQ(count.told(), 8U);
  EXPECT_EQ(count.missed(), 4U);
  EXPECT_EQ(count.wrong(), 0U);
  take(23, 0, 1);  // 22 was neither told nor missed
  EXPECT_EQ(count.wrong(), 1U);
  take(50, std::numeric_limits<std::uint64_t>::max(), 1);
  EXPECT_EQ(count.unknown(), 1U);
}

TEST(NetworkTable, ForgetsWhatASnapshotDoesNotMention) {
  NetworkTable table;
  const auto take = [&](const Bytes& bytes) { table.take(*parse(bytes).body_as_Changes()); };
  take(level(true, false, {1, 2}));
  EXPECT_FALSE(table.complete());
  take(level(false, true, {3}));
  EXPECT_TRUE(table.complete());
  EXPECT_EQ(table.routes_between(1, 3), 3U);
  take(level(false, false, {4}, 2));
  EXPECT_FALSE(table.has_route(2));
  EXPECT_EQ(table.size(), 3U);
  take(level(true, true, {3, 5}));
  EXPECT_EQ(table.size(), 2U);
  EXPECT_TRUE(table.has_route(5));
  EXPECT_FALSE(table.has_route(1));
}

}  // namespace
}  // namespace sounder::crowd
