#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/platform/platform.h"

namespace sounder::platform {
namespace {

using ::testing::HasSubstr;

TEST(Accounts, NamesBecomeTheIdsThatCredentialsHave) {
  EXPECT_EQ(user_id("root"), "0");
  EXPECT_EQ(group_id("root"), "0");
}

TEST(Accounts, NumbersStandForThemselves) {
  EXPECT_EQ(user_id("4294967294"), "4294967294");
  EXPECT_EQ(group_id("054321"), "54321");
}

TEST(Accounts, WhatIsNobodysNameIsAnErrorThatNamesIt) {
  for (const char* name : {"no-such-name", "", "-1", "4294967295", "4294967296", "12x"}) {
    SCOPED_TRACE(name);
    const auto user = user_id(name);
    ASSERT_FALSE(user);
    EXPECT_THAT(user.error().message(), HasSubstr("find user " + std::string(name)));
    const auto group = group_id(name);
    ASSERT_FALSE(group);
    EXPECT_THAT(group.error().message(), HasSubstr("find group " + std::string(name)));
  }
}

}  // namespace
}  // namespace sounder::platform
