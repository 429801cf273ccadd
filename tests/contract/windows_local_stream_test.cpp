/// The local streams of Windows on its pipes, or Wine's, and what only pipes have.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/platform/platform.h"
#include "engine/platform/windows/handle.h"
#include "engine/platform/windows/identity.h"
#include "engine/platform/windows/pipe_access.h"
#include "engine/platform/windows/text.h"
#include "tests/contract/windows_local_world.h"

namespace sounder::contract {

namespace {

std::unique_ptr<LocalWorld> make_world() { return std::make_unique<WindowsLocalWorld>(); }

}  // namespace

INSTANTIATE_TEST_SUITE_P(Windows, LocalStreamContract, ::testing::Values(LocalWorldKind{"pipe", &make_world}),
                         local_world_name);

namespace {

using platform::windows::describe_access;
using platform::windows::kClientAccess;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(WindowsPipeAccess, ClientsMayNotPoseAsTheDaemon) {
  EXPECT_EQ(kClientAccess & FILE_CREATE_PIPE_INSTANCE, 0U);
  const auto text = describe_access({.mode = 0666, .group = {}});
  ASSERT_TRUE(text) << text.error().message();
  EXPECT_THAT(*text, HasSubstr("D:P(A;;"));
  EXPECT_THAT(*text, HasSubstr(";;;AU)"));
  EXPECT_THAT(*text, Not(HasSubstr("WD")));
  EXPECT_TRUE(platform::windows::security_descriptor(*text));
}

TEST(WindowsPipeAccess, AModeNarrowsWhoMayConnect) {
  const auto closed = describe_access({.mode = 0600, .group = "S-1-5-32-545"});
  ASSERT_TRUE(closed);
  EXPECT_THAT(*closed, Not(HasSubstr(";;;AU)")));
  EXPECT_THAT(*closed, Not(HasSubstr("S-1-5-32-545")));
  const auto group = describe_access({.mode = 0660, .group = "S-1-5-32-545"});
  ASSERT_TRUE(group);
  EXPECT_THAT(*group, Not(HasSubstr(";;;AU)")));
  EXPECT_THAT(*group, HasSubstr(";;;S-1-5-32-545)"));
}

TEST(WindowsPipeAccess, AGroupThatDoesNotExistIsAnError) {
  const auto text = describe_access({.mode = 0660, .group = "no-such-group"});
  ASSERT_FALSE(text);
  EXPECT_THAT(text.error().message(), HasSubstr("no-such-group"));
}

TEST(WindowsAccounts, IdentifiersStandForThemselves) {
  EXPECT_EQ(platform::group_id("S-1-5-32-544"), "S-1-5-32-544");
  EXPECT_EQ(platform::user_id("S-1-5-18"), "S-1-5-18");
}

TEST(WindowsAccounts, NamesBecomeTheIdsThatCredentialsHave) {
  EXPECT_EQ(platform::group_id("Administrators"), platform::windows::kAdministratorsSid);
  std::wstring name(256, L'\0');
  auto size = static_cast<DWORD>(name.size());
  ASSERT_NE(GetUserNameW(name.data(), &size), 0);
  name.resize(size - 1);
  const auto own = platform::windows::own_identity();
  ASSERT_TRUE(own);
  EXPECT_EQ(platform::user_id(platform::to_utf8(name)), own->user);
}

TEST(WindowsAccounts, WhatIsNobodysNameIsAnErrorThatNamesIt) {
  const auto user = platform::user_id("no-such-name");
  ASSERT_FALSE(user);
  EXPECT_THAT(user.error().message(), HasSubstr("find user no-such-name"));
  EXPECT_FALSE(platform::user_id(""));
  EXPECT_FALSE(platform::group_id("S-1-x"));
}

TEST(WindowsPipe, ANameThatIsNoPipesIsRefused) {
  struct Log final : base::Logger {
    void log(base::LogLevel, std::string_view, std::initializer_list<base::LogField>) override {}
  } log;
  boost::asio::io_context loop;
  const auto listener =
      platform::open_local_listener({.name = "C:\\sounder", .mode = 0666, .group = {}}, loop.get_executor(), log);
  ASSERT_FALSE(listener);
  EXPECT_THAT(listener.error().message(), HasSubstr("begins with"));
}

/// What a program that asks for nothing special gets: it is known once it has said something.
TEST(WindowsPipe, AClientThatOpensThePipePlainlyIsAcceptedWithWhatItSaid) {
  WindowsLocalWorld world;
  auto listener = world.listen();
  ASSERT_TRUE(listener) << listener.error().message();
  std::vector<io::LocalClient> accepted;
  (*listener)->start([&](io::LocalClient client) { accepted.push_back(std::move(client)); });
  const HANDLE opened = CreateFileW(platform::to_utf16(world.name()).c_str(), GENERIC_READ | FILE_WRITE_DATA, 0,
                                    nullptr, OPEN_EXISTING, 0, nullptr);
  ASSERT_NE(opened, INVALID_HANDLE_VALUE);
  const platform::windows::Handle client(opened);
  DWORD written = 0;
  ASSERT_NE(WriteFile(client.get(), "hello", 5, &written, nullptr), 0);
  world.run_until([&] { return !accepted.empty(); });
  ASSERT_EQ(accepted.size(), 1U);
  EXPECT_EQ(accepted[0].credentials.user, world.ourselves().user);
  End end(std::move(accepted[0].stream));
  end.start();
  world.run_until([&] { return end.received.size() == 5; });
  EXPECT_EQ(end.received.size(), 5U);
}

}  // namespace
}  // namespace sounder::contract

int main(int count, char** values) {
  const std::vector<std::string> arguments(values + 1, values + count);
  if (const std::optional<int> code = sounder::contract::play_part(arguments)) return *code;
  ::testing::InitGoogleMock(&count, values);
  return RUN_ALL_TESTS();
}
