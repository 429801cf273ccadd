#include "app/reload.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/app/reload_fixture.h"

namespace sounder::app {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using testing::Ending;
using ::testing::HasSubstr;
using ::testing::Optional;

class Reload : public testing::ReloadTest {};

TEST_F(Reload, AppliesWhatTheFileSaysNow) {
  write(one_target("127.0.0.1"));
  reloader().request("a test", note(1));
  EXPECT_TRUE(reloader().under_way());
  service_.run();
  EXPECT_THAT(endings_, ElementsAre(Ending()));
  EXPECT_EQ(applied_, 1);
  EXPECT_FALSE(reloader().under_way());
  EXPECT_TRUE(reloader().status().last_successful);
  EXPECT_EQ(reloader().status().last_success, clock_.wall_now());
}

TEST_F(Reload, RefusesAFaultyFileWithItsErrorsAndAppliesNothing) {
  write(one_target("127.0.0.1"));
  reloader().on_first_applied();
  const base::WallTime first = reloader().status().last_success;
  clock_.advance(std::chrono::minutes(1));
  write("groups: 7\n");
  reloader().request("a test", note(1));
  service_.run();
  EXPECT_THAT(endings_, ElementsAre(Optional(HasSubstr("sounder.yaml:1:9: groups"))));
  EXPECT_EQ(applied_, 0);
  EXPECT_EQ(begun_, 1);
  EXPECT_EQ(ended_, 1);
  EXPECT_FALSE(reloader().status().last_successful);
  EXPECT_EQ(reloader().status().last_success, first);
  EXPECT_THAT(log_.events(), Contains("configuration refused, the old one goes on"));
}

TEST_F(Reload, RefusesAFileThatIsGone) {
  write(one_target("127.0.0.1"));
  reloader();
  std::filesystem::remove(file_);
  reloader().request("a test", note(1));
  service_.run();
  EXPECT_THAT(endings_, ElementsAre(Optional(HasSubstr("sounder.yaml"))));
  EXPECT_EQ(applied_, 0);
}

TEST_F(Reload, ServesAllWhoAskMeanwhileByOneMore) {
  write(one_target("127.0.0.1"));
  for (int i = 0; i < 4; ++i) reloader().request("a test", note(4));
  service_.run();
  EXPECT_EQ(endings_.size(), 4U);
  EXPECT_EQ(applied_, 2);
  EXPECT_EQ(begun_, 2);
  EXPECT_EQ(ended_, 2);
}

TEST_F(Reload, IsUnderWayUntilWhatItAppliedRuns) {
  write(one_target("127.0.0.1"));
  std::function<void()> applied;
  on_apply_ = [&](std::function<void()> done) {
    applied = std::move(done);
    service_.stop();
  };
  reloader().request("a test", note(1));
  service_.run();
  EXPECT_TRUE(reloader().under_way());
  EXPECT_TRUE(endings_.empty());
  applied();
  EXPECT_FALSE(reloader().under_way());
  EXPECT_EQ(endings_.size(), 1U);
}

TEST_F(Reload, MayBeAskedForByTheOneWhoIsTold) {
  write(one_target("127.0.0.1"));
  reloader().request("a test", [this](const Ending& /*errors*/) { reloader().request("another", note(1)); });
  service_.run();
  EXPECT_EQ(applied_, 2);
}

}  // namespace
}  // namespace sounder::app
