#include "engine/runtime/target_feed.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <functional>
#include <optional>
#include <utility>

#include "engine/probe/target_record.h"
#include "tests/unit/runtime/specs.h"

namespace sounder::runtime {
namespace {

using testing::address_spec;
using ::testing::ElementsAre;
using testing::ips;
using ::testing::IsEmpty;
using testing::name_spec;
using testing::specs_of;
using Kind = probe::TargetChange::Kind;

/// The test is the engine: it decides when a delta has been applied.
class TargetFeedTest : public ::testing::Test {
 protected:
  ~TargetFeedTest() override { workers_.stop(); }

  TargetFeedContext make_context() {
    return {context_,
            clock_,
            log_,
            workers_,
            resolver_,
            1,
            [](const std::string&) -> std::optional<std::uint32_t> { return std::nullopt; },
            [this](std::unique_ptr<probe::TargetDelta> delta) {
              ASSERT_EQ(delta_, nullptr) << "one at a time";
              delta_ = std::move(delta);
              ++deltas_;
            },
            {[this](const std::shared_ptr<const probe::TargetInfo>& info, const probe::Outcome&) {
               events_.push_back(info->target);
             },
             {},
             [this](const probe::TargetInfo* info, const probe::StrayReply&) {
               events_.push_back(info == nullptr ? "stray" : "stray " + info->target);
             },
             [this](const probe::TargetInfo& info, const probe::StateChange&) {
               events_.push_back("change " + info.target);
             }},
            {}};
  }
  void configure(std::vector<probe::TargetSpec> specs) {
    feed_->configure(specs_of(std::move(specs)), NameSettings{}, [this] { ++applied_; });
  }
  /// What the engine does: gives new targets a slot.
  void apply() {
    ASSERT_NE(delta_, nullptr);
    for (auto& change : delta_->changes) {
      if (change.kind == Kind::kAdd) change.record->set_slot(probe::TargetSlot(next_slot_++));
    }
    delta_->applied = delta_->changes.size();
    feed_->on_applied(std::exchange(delta_, nullptr));
  }
  void run_until(const std::function<bool()>& done) {
    while (!done()) context_.run_one();
  }
  void poll() { context_.poll(); }
  void settle() {
    for (poll(); delta_ != nullptr; poll()) apply();
  }
  [[nodiscard]] std::vector<std::string> list() const {
    std::vector<std::string> lines;
    for (const auto& entry : *feed_->snapshot()) lines.push_back(entry.info->target + ' ' + entry.info->address);
    return lines;
  }
  static probe::Outcome outcome(std::uint32_t slot) {
    probe::Outcome made;
    made.target = probe::TargetSlot(slot);
    return made;
  }

  boost::asio::io_context context_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{context_.get_executor()};
  testing::ManualClock clock_;
  testing::MemoryLogger log_;
  Workers workers_{context_, 1};
  std::shared_ptr<testing::FakeResolver> resolver_ = std::make_shared<testing::FakeResolver>();
  std::unique_ptr<probe::TargetDelta> delta_;
  int deltas_ = 0;
  int applied_ = 0;
  std::uint32_t next_slot_ = 0;
  std::vector<std::string> events_;
  std::optional<TargetFeed> feed_{std::in_place, make_context()};
};

TEST_F(TargetFeedTest, TheListIsEmptyAtFirst) {
  EXPECT_THAT(list(), IsEmpty());
  EXPECT_TRUE(feed_->targets_by_group().empty());
}

TEST_F(TargetFeedTest, KnowsTheAddressesOfWhatRuns) {
  auto zoned = address_spec("fe80::7");
  std::get<probe::HostAddress>(zoned.host).zone = "eth9";
  configure({address_spec("192.0.2.1"), zoned});
  poll();
  EXPECT_FALSE(feed_->has_address(testing::ip("192.0.2.1"))) << "not with the engine yet";
  settle();
  EXPECT_TRUE(feed_->has_address(testing::ip("192.0.2.1")));
  EXPECT_TRUE(feed_->has_address(testing::ip("fe80::7%3")));
  EXPECT_FALSE(feed_->has_address(testing::ip("192.0.2.2")));
  configure({address_spec("192.0.2.2")});
  settle();
  EXPECT_FALSE(feed_->has_address(testing::ip("192.0.2.1")));
  EXPECT_TRUE(feed_->has_address(testing::ip("192.0.2.2")));
}

TEST_F(TargetFeedTest, TheListChangesWhenTheEngineHasIt) {
  configure({address_spec("192.0.2.1")});
  poll();
  ASSERT_NE(delta_, nullptr);
  EXPECT_THAT(list(), IsEmpty());
  EXPECT_EQ(applied_, 0);
  apply();
  EXPECT_THAT(list(), ElementsAre("192.0.2.1 192.0.2.1"));
  EXPECT_EQ(applied_, 1);
  EXPECT_EQ(feed_->targets_by_group().at("g"), 1U);
}

TEST_F(TargetFeedTest, AnOldSnapshotStaysAsItWas) {
  configure({address_spec("192.0.2.1")});
  settle();
  const probe::Snapshot before = feed_->snapshot();
  configure({address_spec("192.0.2.2")});
  settle();
  ASSERT_EQ(before->size(), 1U);
  EXPECT_EQ((*before)[0].info->address, "192.0.2.1");
  EXPECT_NE((*before)[0].record, nullptr);
}

TEST_F(TargetFeedTest, NothingToChangeIsAppliedWithoutADelta) {
  configure({address_spec("192.0.2.1")});
  settle();
  configure({address_spec("192.0.2.1")});
  settle();
  EXPECT_EQ(deltas_, 1);
  EXPECT_EQ(applied_, 2);
}

TEST_F(TargetFeedTest, AnEmptyConfigurationIsApplied) {
  configure({});
  settle();
  EXPECT_EQ(applied_, 1);
}

TEST_F(TargetFeedTest, LargeDifferencesGoInDeltasOfBoundedSize) {
  std::vector<probe::TargetSpec> specs;
  for (int i = 0; i < 10'000; ++i) {
    specs.push_back(address_spec(("10.0." + std::to_string(i / 256) + '.' + std::to_string(i % 256)).c_str()));
  }
  configure(specs);
  poll();
  std::size_t changes = 0;
  for (; delta_ != nullptr; poll()) {
    EXPECT_LE(delta_->changes.size(), 4096U);
    changes += delta_->changes.size();
    EXPECT_EQ(applied_, 0);
    apply();
  }
  EXPECT_EQ(changes, 10'000U);
  EXPECT_GT(deltas_, 1);
  EXPECT_EQ(applied_, 1);
  EXPECT_EQ(feed_->snapshot()->size(), 10'000U);
}

TEST_F(TargetFeedTest, AConfigurationMeanwhileWaitsForTheDelta) {
  configure({address_spec("192.0.2.1")});
  poll();
  configure({address_spec("192.0.2.2")});
  poll();
  EXPECT_EQ(deltas_, 1);
  apply();
  EXPECT_EQ(applied_, 1);
  settle();
  EXPECT_EQ(applied_, 2);
  EXPECT_THAT(list(), ElementsAre("192.0.2.2 192.0.2.2"));
}

TEST_F(TargetFeedTest, ADeltaNeverRemovesAndAdds) {
  configure({address_spec("192.0.2.1"), address_spec("192.0.2.2")});
  settle();
  configure({address_spec("192.0.2.3"), address_spec("192.0.2.2")});
  poll();
  ASSERT_NE(delta_, nullptr);
  ASSERT_EQ(delta_->changes.size(), 1U);
  EXPECT_EQ(delta_->changes[0].kind, Kind::kRemove);
  apply();
  ASSERT_NE(delta_, nullptr);
  ASSERT_EQ(delta_->changes.size(), 1U);
  EXPECT_EQ(delta_->changes[0].kind, Kind::kAdd);
}

TEST_F(TargetFeedTest, ALaterConfigurationTakesThePlaceOfOneThatIsNotBuilt) {
  configure({address_spec("192.0.2.1")});
  configure({address_spec("192.0.2.2")});
  settle();
  EXPECT_EQ(deltas_, 1);
  EXPECT_EQ(applied_, 2);
  EXPECT_THAT(list(), ElementsAre("192.0.2.2 192.0.2.2"));
}

TEST_F(TargetFeedTest, ANameThatDoesNotResolveDegradesOnlyItself) {
  configure({name_spec("nowhere"), address_spec("192.0.2.1")});
  settle();
  EXPECT_EQ(applied_, 1);
  run_until([&] { return *feed_->snapshot()->at(0).info->resolve_errors == 1; });
  EXPECT_THAT(list(), ElementsAre("nowhere ", "192.0.2.1 192.0.2.1"));
}

TEST_F(TargetFeedTest, NamesThatResolveWhileADeltaIsUnderWayComeTogetherInTheNext) {
  for (const char* name : {"a", "b", "c"}) resolver_->answer(name, ips({"192.0.2.7"}));
  configure({address_spec("192.0.2.1"), name_spec("a"), name_spec("b"), name_spec("c")});
  while (delta_ == nullptr) context_.poll_one();
  // There is one worker: what is queued behind the last look-up is answered after it.
  run_until([&] { return resolver_->asked().size() == 3; });
  bool all_answered = false;
  workers_.submit([&]() -> Workers::Completion { return [&] { all_answered = true; }; });
  run_until([&] { return all_answered; });
  EXPECT_EQ(deltas_, 1);
  settle();
  EXPECT_THAT(list(), ElementsAre("192.0.2.1 192.0.2.1", "a 192.0.2.7", "b 192.0.2.7", "c 192.0.2.7"));
  EXPECT_LE(deltas_, 2);
}

TEST_F(TargetFeedTest, EventsCarryTheirTarget) {
  configure({address_spec("192.0.2.1"), address_spec("192.0.2.2")});
  settle();
  feed_->on_outcome(outcome(1));
  probe::StrayReply stray;
  feed_->on_stray(stray);
  stray.target = probe::TargetSlot(0);
  feed_->on_stray(stray);
  probe::StateChange change;
  change.target = probe::TargetSlot(0);
  feed_->on_change(change);
  EXPECT_THAT(events_, ElementsAre("192.0.2.2", "stray", "stray 192.0.2.1", "change 192.0.2.1"));
}

TEST_F(TargetFeedTest, AnEventBeforeItsDeltaIsBackWaitsForIt) {
  configure({address_spec("192.0.2.1")});
  poll();
  feed_->on_outcome(outcome(0));
  EXPECT_THAT(events_, IsEmpty());
  apply();
  EXPECT_THAT(events_, ElementsAre("192.0.2.1"));
}

TEST_F(TargetFeedTest, AnEventOfATargetThatIsGoneNamesNobody) {
  configure({address_spec("192.0.2.1")});
  settle();
  configure({});
  settle();
  feed_->on_outcome(outcome(0));
  EXPECT_THAT(events_, IsEmpty());
}

TEST_F(TargetFeedTest, EventsCarryTheNewLabels) {
  configure({address_spec("192.0.2.1")});
  settle();
  auto spec = address_spec("192.0.2.1");
  spec.labels = testing::labels({{"site", "berlin"}});
  configure({spec});
  settle();
  EXPECT_EQ((*feed_->snapshot()->at(0).info->labels)[0].second, "berlin");
  feed_->on_outcome(outcome(0));
  EXPECT_THAT(events_, ElementsAre("192.0.2.1"));
}

TEST_F(TargetFeedTest, AReplacedRecordTakesItsPlaceInTheList) {
  configure({address_spec("192.0.2.1")});
  settle();
  auto spec = address_spec("192.0.2.1");
  auto changed = *spec.options;
  changed.buckets = {std::chrono::milliseconds(1)};
  spec.options = std::make_shared<const probe::ProbeOptions>(changed);
  configure({spec});
  poll();
  ASSERT_NE(delta_, nullptr);
  const auto replacement = probe::make_target_record(*delta_->changes[0].plan);
  replacement->set_slot(probe::TargetSlot(0));
  delta_->changes[0].replacement = replacement;
  apply();
  EXPECT_EQ(feed_->snapshot()->at(0).record, replacement);
  configure({});
  poll();
  ASSERT_NE(delta_, nullptr);
  EXPECT_EQ(delta_->changes[0].record, replacement);
}

TEST_F(TargetFeedTest, TheMemoryOfADeltaIsFreedWhenItIsBack) {
  configure({address_spec("192.0.2.1")});
  settle();
  const std::weak_ptr<const probe::TargetRecord> record = feed_->snapshot()->at(0).record;
  configure({});
  settle();
  EXPECT_TRUE(record.expired());
}

TEST_F(TargetFeedTest, NothingHappensOnceStopped) {
  configure({address_spec("192.0.2.1"), name_spec("a")});
  poll();
  feed_->stop();
  apply();
  feed_->on_outcome(outcome(0));
  EXPECT_EQ(applied_, 0);
  EXPECT_THAT(events_, IsEmpty());
}

TEST_F(TargetFeedTest, MayBeDestroyedWithEverythingUnderWay) {
  configure({address_spec("192.0.2.1"), name_spec("a")});
  feed_.reset();
  poll();
  EXPECT_EQ(applied_, 0);
}

}  // namespace
}  // namespace sounder::runtime
