#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>

#include "engine/platform/platform.h"

namespace sounder::platform {

namespace {

TEST(Resolver, GivesTheAddressesOfANameOnce) {
  auto addresses = make_resolver()->resolve("localhost");
  ASSERT_TRUE(addresses) << addresses.error().message();
  EXPECT_TRUE(std::all_of(addresses->begin(), addresses->end(), [](const auto& each) { return each.is_loopback(); }));
  std::sort(addresses->begin(), addresses->end());
  EXPECT_EQ(std::adjacent_find(addresses->begin(), addresses->end()), addresses->end());
}

TEST(Resolver, KeepsTheScopeOfALiteral) {
  const auto addresses = make_resolver()->resolve("fe80::1%lo");
  ASSERT_TRUE(addresses) << addresses.error().message();
  EXPECT_EQ(addresses->at(0).scope(), interface_index("lo"));
}

TEST(Resolver, SaysWhichNameItCouldNotFind) {
  const auto addresses = make_resolver()->resolve("no such name");
  ASSERT_FALSE(addresses);
  EXPECT_NE(addresses.error().message().find("resolve no such name: "), std::string::npos);
}

TEST(InterfaceIndex, KnowsLoopbackAndNothingUnknown) {
  EXPECT_TRUE(interface_index("lo"));
  EXPECT_FALSE(interface_index("nosuchif0"));
}

TEST(Descriptors, AreAllowedUpToTheHardLimit) {
  rlimit limit{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &limit), 0);
  const rlim_t hard = std::min<rlim_t>(limit.rlim_max, 2000);
  limit = {.rlim_cur = 100, .rlim_max = hard};
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &limit), 0);
  EXPECT_EQ(allow_descriptors(50), 100U) << "never fewer than before";
  EXPECT_EQ(allow_descriptors(1000), 1000U);
  EXPECT_EQ(allow_descriptors(1'000'000), hard);
  const int lowest = dup(0);
  EXPECT_LT(lowest, 100) << "none of them stays open";
  close(lowest);
}

TEST(RandomBits, DiffersFromCallToCall) { EXPECT_NE(random_bits(), random_bits()); }

TEST(ProcessStats, TellsWhatTheSystemKnows) {
  const auto numbers = make_process_stats()->read();
  EXPECT_GE(numbers.cpu_seconds, 0);
  EXPECT_GT(numbers.resident_bytes, 1U << 20U);
  EXPECT_GT(numbers.virtual_bytes, numbers.resident_bytes);
  EXPECT_GE(numbers.open_fds, 3U);
  rlimit limit{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &limit), 0);
  EXPECT_EQ(numbers.max_fds, limit.rlim_cur);
  EXPECT_LE(numbers.start_time_seconds, base::to_seconds(make_clock()->wall_now().time_since_epoch()) + 1);
}

TEST(ProcessStats, CountsADescriptorMore) {
  const auto stats = make_process_stats();
  const auto before = stats->read().open_fds;
  const int fd = dup(0);
  EXPECT_EQ(stats->read().open_fds, before + 1);
  close(fd);
}

}  // namespace

}  // namespace sounder::platform
