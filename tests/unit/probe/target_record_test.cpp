#include "engine/probe/target_record.h"

#include <gtest/gtest.h>

#include <atomic>
#include <numeric>
#include <thread>

namespace sounder::probe {
namespace {

using namespace std::chrono_literals;

std::shared_ptr<const ProbeOptions> default_options() { return std::make_shared<const ProbeOptions>(); }

TEST(TargetRecord, BeginsEmpty) {
  const TargetRecord record(default_options());
  TargetNumbers numbers;
  read_numbers(record, numbers);
  EXPECT_EQ(numbers.due, 0U);
  EXPECT_EQ(numbers.bucket_count, 21U);
  EXPECT_EQ(numbers.state, TargetState::kUnknown);
  EXPECT_FALSE(numbers.rtt_last.has_value());
  EXPECT_FALSE(numbers.reply_ttl.has_value());
  EXPECT_FALSE(numbers.last_change.has_value());
  EXPECT_FALSE(numbers.reporter.has_value());
}

TEST(TargetRecord, KeepsAnIpv6ReporterWithItsScope) {
  TargetRecord record(default_options());
  const auto reporter = *base::IpAddress::parse("fe80::1%7");
  RecordUpdate(record).reason(Reason::kHostUnreachable, reporter);
  TargetNumbers numbers;
  read_numbers(record, numbers);
  EXPECT_EQ(numbers.reporter, reporter);
}

TEST(TargetRecord, IsSmall) { EXPECT_LE(sizeof(TargetRecord), 320U); }

/// What every update keeps: one more outcome of each kind, and one more in every second bucket.
void write_round(TargetRecord& record, const Buckets& bounds) {
  RecordUpdate update(record);
  update.due(2);
  update.outcome(OutcomeKind::kReply, 1);
  update.outcome(OutcomeKind::kTimeout, 1);
  update.round_trip(60us, bounds);
  update.round_trip(210us, bounds);
}

TEST(TargetRecord, EveryReadIsOfOneMoment) {
  const auto options = default_options();
  TargetRecord record(options);
  std::atomic<bool> stop{false};
  std::thread writer([&] {
    while (!stop.load()) write_round(record, options->buckets);
  });
  TargetNumbers numbers;
  do {
    read_numbers(record, numbers);
    const auto outcomes = std::accumulate(numbers.outcomes.begin(), numbers.outcomes.end(), std::uint64_t{0});
    ASSERT_EQ(numbers.due, outcomes + numbers.in_flight);
    ASSERT_EQ(numbers.buckets[1], numbers.outcome(OutcomeKind::kReply));
    ASSERT_EQ(numbers.buckets[1], numbers.buckets[3]);
    const TargetAccounts accounts = read_accounts(record);
    ASSERT_EQ(accounts.due, accounts.outcomes[0] + accounts.outcomes[1]);
    ASSERT_GE(accounts.due, numbers.due);
  } while (numbers.due < 200'000);
  stop.store(true);
  writer.join();
}

TEST(DurationHistogram, CountsUpToAndWithEachBound) {
  DurationHistogram histogram;
  histogram.add(10us);
  histogram.add(10us + 1ns);
  histogram.add(1h);
  histogram.add(-5us);
  EXPECT_EQ(histogram.counts[0], 2U);
  EXPECT_EQ(histogram.counts[1], 1U);
  EXPECT_EQ(histogram.counts[DurationHistogram::kBounds], 1U);
}

TEST(Reasons, FollowTheRfcs) {
  EXPECT_EQ(to_reason(base::Family::kIpv4, 3, 1), Reason::kHostUnreachable);
  EXPECT_EQ(to_reason(base::Family::kIpv4, 3, 13), Reason::kAdminProhibited);
  EXPECT_EQ(to_reason(base::Family::kIpv4, 11, 0), Reason::kTtlExceeded);
  EXPECT_EQ(to_reason(base::Family::kIpv6, 1, 3), Reason::kHostUnreachable);
  EXPECT_EQ(to_reason(base::Family::kIpv6, 2, 0), Reason::kFragmentationNeeded);
  EXPECT_EQ(to_reason(base::Family::kIpv6, 3, 0), Reason::kTtlExceeded);
  EXPECT_EQ(to_reason(base::Family::kIpv6, 1, 1), Reason::kAdminProhibited);
}

}  // namespace
}  // namespace sounder::probe
