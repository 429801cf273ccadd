#include <gtest/gtest.h>

#include <algorithm>

#include "engine/platform/platform.h"
#include "engine/platform/windows/system_headers.h"

namespace sounder::platform {

namespace {

TEST(Resolver, GivesTheAddressesOfANameOnce) {
  auto addresses = make_resolver()->resolve("localhost");
  ASSERT_TRUE(addresses) << addresses.error().message();
  EXPECT_TRUE(std::all_of(addresses->begin(), addresses->end(), [](const auto& each) { return each.is_loopback(); }));
  std::sort(addresses->begin(), addresses->end());
  EXPECT_EQ(std::adjacent_find(addresses->begin(), addresses->end()), addresses->end());
}

TEST(Resolver, SaysWhichNameItCouldNotFind) {
  const auto addresses = make_resolver()->resolve("no such name");
  ASSERT_FALSE(addresses);
  EXPECT_NE(addresses.error().message().find("resolve no such name: "), std::string::npos);
  EXPECT_NE(addresses.error().code.value(), 0);
}

TEST(InterfaceIndex, KnowsNothingUnknown) { EXPECT_FALSE(interface_index("nosuchif0")); }

TEST(RandomBits, DiffersFromCallToCall) { EXPECT_NE(random_bits(), random_bits()); }

TEST(ProcessStats, TellsWhatTheSystemKnows) {
  const auto numbers = make_process_stats()->read();
  EXPECT_GE(numbers.cpu_seconds, 0);
  EXPECT_GT(numbers.resident_bytes, 1U << 20U);
  EXPECT_GT(numbers.max_fds, numbers.open_fds);
  EXPECT_GT(numbers.start_time_seconds, 1.6e9);
}

TEST(ProcessStats, KnowsTheMemoryThatIsOursAlone) {
  const auto numbers = make_process_stats()->read();
  if (numbers.virtual_bytes == 0) GTEST_SKIP() << "this Windows does not say (Wine 8 answers 0)";
  EXPECT_GT(numbers.virtual_bytes, 1U << 16U);
}

TEST(ProcessStats, CountsAHandleMore) {
  const auto stats = make_process_stats();
  const auto before = stats->read().open_fds;
  if (before == 0) GTEST_SKIP() << "this Windows does not count handles (Wine 8 answers 0)";
  const HANDLE event = CreateEventW(nullptr, TRUE, FALSE, nullptr);
  EXPECT_EQ(stats->read().open_fds, before + 1);
  CloseHandle(event);
  EXPECT_EQ(stats->read().open_fds, before);
}

TEST(Privileges, CanNotChangeTheUser) {
  const auto dropped = make_privileges()->drop({.keep_mark = false, .user = "nobody"});
  ASSERT_FALSE(dropped);
  EXPECT_NE(dropped.error().message().find("leave `user` out"), std::string::npos);
}

/// How many privileges the token of this process still holds.
DWORD privileges_held() {
  HANDLE token = nullptr;
  EXPECT_NE(OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &token), 0);
  alignas(TOKEN_PRIVILEGES) char room[4096];
  DWORD length = 0;
  EXPECT_NE(GetTokenInformation(token, TokenPrivileges, room, sizeof(room), &length), 0);
  CloseHandle(token);
  return reinterpret_cast<const TOKEN_PRIVILEGES*>(room)->PrivilegeCount;
}

TEST(Privileges, AreRemovedButForOneAndOnlyOnce) {
  ASSERT_TRUE(make_privileges()->drop({}));
  EXPECT_LE(privileges_held(), 1U);
  EXPECT_TRUE(make_privileges()->drop({})) << "what is gone already is no error";
}

TEST(ThreadName, IsTakenAtAnyLength) { set_thread_name("a name that is longer than fifteen bytes"); }

}  // namespace

}  // namespace sounder::platform
