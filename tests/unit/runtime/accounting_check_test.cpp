#include "engine/runtime/accounting_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/probe/target_record.h"
#include "tests/unit/runtime/fakes.h"

namespace sounder::runtime {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class AccountingCheckTest : public ::testing::Test {
 protected:
  AccountingCheckTest() {
    auto info = std::make_shared<probe::TargetInfo>();
    info->group = std::make_shared<const std::string>("lan");
    list_->push_back({info, nullptr});  // a name without an address
    for (int i = 0; i < 5000; ++i) {
      records_.push_back(std::make_shared<probe::TargetRecord>(std::make_shared<const probe::ProbeOptions>()));
      list_->push_back({info, records_.back()});
    }
  }
  /// One round over all targets, which takes two turns.
  void round() {
    check_.look();
    check_.look();
  }

  boost::asio::io_context service_;
  testing::MemoryLogger log_;
  std::vector<std::shared_ptr<probe::TargetRecord>> records_;
  std::shared_ptr<probe::TargetList> list_ = std::make_shared<probe::TargetList>();
  AccountingCheck check_{service_, [this] { return probe::Snapshot(list_); }, log_};
};

TEST_F(AccountingCheckTest, NothingIsWrongWithWhatAddsUp) {
  {
    probe::RecordUpdate update(*records_[7]);
    update.due(3);
    update.sent();
    update.outcome(probe::OutcomeKind::kSlipped, 2);
  }
  round();
  EXPECT_EQ(check_.mismatches(), 0U);
  EXPECT_THAT(log_.events(), IsEmpty());
}

TEST_F(AccountingCheckTest, ABrokenRecordIsFoundWhereverItIs) {
  probe::RecordUpdate(*records_.back()).due(1);  // a due time that has no outcome and no probe
  check_.look();
  EXPECT_EQ(check_.mismatches(), 0U);
  check_.look();
  EXPECT_EQ(check_.mismatches(), 1U);
  EXPECT_THAT(log_.events(), ElementsAre("the numbers of a target do not add up"));
  round();
  EXPECT_EQ(check_.mismatches(), 2U);
}

}  // namespace
}  // namespace sounder::runtime
