#include "engine/runtime/name_refresh.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <functional>

#include "tests/unit/runtime/fakes.h"

namespace sounder::runtime {
namespace {

using ::testing::ElementsAre;
using testing::ips;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

class NameRefreshTest : public ::testing::Test {
 protected:
  ~NameRefreshTest() override { workers_.stop(); }

  void run_until(const std::function<bool()>& done) {
    while (!done()) context_.run_one();
  }
  void want(std::set<std::string> names) {
    std::set<NameKey> keys;
    for (const auto& name : names) keys.insert({name, probe::FamilyChoice::kAny});
    refresh_.table().want(keys, clock_.mono_now());
    refresh_.turn();
  }
  [[nodiscard]] bool resolved(const std::string& name) const {
    return *refresh_.table().find({name, probe::FamilyChoice::kAny})->resolved;
  }
  [[nodiscard]] std::uint64_t errors(const std::string& name) const {
    return *refresh_.table().find({name, probe::FamilyChoice::kAny})->errors;
  }

  boost::asio::io_context context_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{context_.get_executor()};
  testing::ManualClock clock_;
  testing::MemoryLogger log_;
  Workers workers_{context_, 2};
  std::shared_ptr<testing::FakeResolver> resolver_ = std::make_shared<testing::FakeResolver>();
  std::vector<std::string> changed_;
  NameRefresh refresh_{context_, workers_, resolver_, clock_, log_, 2, [this](const std::vector<NameKey>& keys) {
                         for (const auto& key : keys) changed_.push_back(key.name);
                       }};
};

TEST_F(NameRefreshTest, LooksUpEveryNameAtTheStart) {
  for (const char* name : {"a", "b", "c", "d", "e"}) resolver_->answer(name, ips({"192.0.2.1"}));
  want({"a", "b", "c", "d", "e"});
  run_until([&] { return changed_.size() == 5; });
  EXPECT_THAT(resolver_->asked(), UnorderedElementsAre("a", "b", "c", "d", "e"));
  EXPECT_TRUE(resolved("c"));
}

TEST_F(NameRefreshTest, AFailureIsLoggedOnceAndItsEndToo) {
  want({"a"});
  run_until([&] { return errors("a") == 1; });
  for (std::uint64_t failures = 2; failures <= 4; ++failures) {
    clock_.advance(std::chrono::minutes(1));
    refresh_.turn();
    run_until([&] { return errors("a") == failures; });
  }
  resolver_->answer("a", ips({"192.0.2.1"}));
  clock_.advance(std::chrono::minutes(1));
  refresh_.turn();
  run_until([&] { return resolved("a"); });
  EXPECT_THAT(log_.events(), ElementsAre("name does not resolve", "name resolves again"));
}

TEST_F(NameRefreshTest, ManyFailuresAreFewLines) {
  std::set<std::string> names;
  for (int i = 0; i < 100; ++i) names.insert("host" + std::to_string(i));
  want(names);
  run_until([&] { return resolver_->asked().size() == 100 && errors("host99") == 1; });
  EXPECT_LE(log_.events().size(), 20U);
}

TEST_F(NameRefreshTest, NothingHappensOnceStopped) {
  resolver_->answer("a", ips({"192.0.2.1"}));
  want({"a"});
  refresh_.stop();
  run_until([&] { return !resolver_->asked().empty(); });
  workers_.stop();
  context_.poll();
  EXPECT_THAT(changed_, IsEmpty());
}

}  // namespace
}  // namespace sounder::runtime
