#include "exporters/text/target_exposition.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "tests/support/exposition.h"
#include "tests/unit/exporters/reference.h"
#include "tests/unit/exporters/targets.h"

namespace sounder::exporters {
namespace {

using sounder::testing::Exposition;
using sounder::testing::LabelSet;
using testing::FakeTarget;

std::vector<std::string> render_slices(probe::Snapshot snapshot) {
  text::TargetExposition exposition(std::move(snapshot));
  std::vector<std::string> slices;
  for (std::string_view slice; exposition.next(slice);) slices.emplace_back(slice);
  return slices;
}

std::string render(probe::Snapshot snapshot) {
  std::string text;
  for (const std::string& slice : render_slices(std::move(snapshot))) text += slice;
  return text;
}

std::string render(const std::vector<FakeTarget>& targets) {
  auto list = std::make_shared<probe::TargetList>();
  for (const FakeTarget& target : targets) list->push_back(target.entry());
  return render(probe::Snapshot(list));
}

/// Bounds are compared as numbers: the two sides may spell one differently.
LabelSet normal(LabelSet labels) {
  if (const auto bound = labels.find("le"); bound != labels.end()) {
    bound->second = std::to_string(std::strtod(bound->second.c_str(), nullptr));
  }
  return labels;
}

std::map<std::pair<std::string, LabelSet>, double> by_series(const std::string& text) {
  std::map<std::pair<std::string, LabelSet>, double> series;
  const Exposition exposition = Exposition::parse(text);
  for (const auto& sample : exposition.samples()) {
    const bool is_new = series.emplace(std::pair(sample.name, normal(sample.labels)), sample.value).second;
    EXPECT_TRUE(is_new) << sample.name << " is there twice";
  }
  return series;
}

TEST(TargetExposition, EqualsWhatPrometheusCppPrints) {
  const probe::Snapshot snapshot = testing::make_snapshot(300);
  std::ostringstream reference;
  prometheus::TextSerializer().Serialize(reference, testing::reference_families(*snapshot));
  const auto expected = by_series(reference.str());
  const auto actual = by_series(render(snapshot));
  ASSERT_EQ(actual.size(), expected.size());
  for (const auto& [series, value] : expected) {
    const auto found = actual.find(series);
    ASSERT_NE(found, actual.end()) << series.first;
    if (std::isnan(value)) {
      EXPECT_TRUE(std::isnan(found->second)) << series.first;
    } else {
      EXPECT_DOUBLE_EQ(found->second, value) << series.first;
    }
  }
}

TEST(TargetExposition, LabelsBeginWithWhatNamesTheTarget) {
  const FakeTarget target = testing::make_target("lan", "a\"b\\c\nd", "10.0.0.1", {{"site", "north"}, {"zone", "1"}});
  EXPECT_THAT(render({target}),
              ::testing::HasSubstr(R"(sounder_probes_due_total{group="lan",target="a\"b\\c\nd",address="10.0.0.1",)"
                                   R"(site="north",zone="1"} 0)"));
}

TEST(TargetExposition, EverySeriesIsThereBeforeTheFirstOutcome) {
  const std::string text = render({testing::make_target("lan", "a", "10.0.0.1"), testing::make_unresolved("lan", "b")});
  const Exposition exposition = Exposition::parse(text);
  for (const char* target : {"a", "b"}) {
    const LabelSet labels{{"target", target}};
    for (const char* zero : {"sounder_probes_due_total", "sounder_probes_in_flight", "sounder_reordered_replies_total",
                             "sounder_rtt_seconds_count", "sounder_target_consecutive_losses"}) {
      EXPECT_EQ(exposition.value(zero, labels), 0.0) << zero;
    }
    for (const char* absent :
         {"sounder_rtt_last_seconds", "sounder_rtt_smoothed_seconds", "sounder_rtt_jitter_seconds", "sounder_reply_ttl",
          "sounder_target_up", "sounder_target_last_change_timestamp_seconds"}) {
      EXPECT_TRUE(std::isnan(exposition.value(absent, labels).value_or(0))) << absent;
    }
    EXPECT_EQ(exposition.select("sounder_probes_total", labels).size(), probe::kOutcomeKinds);
    EXPECT_EQ(exposition.select("sounder_rtt_seconds_bucket", labels).size(), probe::default_buckets().size() + 1);
  }
  EXPECT_TRUE(exposition.select("sounder_icmp_errors_total").empty());
  EXPECT_EQ(exposition.value("sounder_target_resolved", {{"target", "a"}}), 1.0);
  EXPECT_EQ(exposition.value("sounder_target_resolved", {{"target", "b"}}), 0.0);
  EXPECT_EQ(exposition.value("sounder_resolve_errors_total", {{"target", "b"}}), 2.0);
}

TEST(TargetExposition, AccountsAddUpAlthoughTheEngineGoesOn) {
  // The label fills a slice, so that each line is rendered in a turn of its own.
  const FakeTarget target = testing::make_target("lan", "a", "10.0.0.1", {{"long", std::string(kSliceBytes, 'x')}});
  auto list = std::make_shared<probe::TargetList>(probe::TargetList{target.entry()});
  text::TargetExposition exposition{probe::Snapshot(list)};
  std::string text;
  for (std::string_view slice; exposition.next(slice);) {
    text += slice;
    probe::RecordUpdate update(*target.record);
    update.due(1);
    update.outcome(probe::OutcomeKind::kTimeout, 1);
  }
  const Exposition parsed = Exposition::parse(text);
  EXPECT_EQ(parsed.value("sounder_probes_due_total"),
            parsed.sum("sounder_probes_total") + parsed.sum("sounder_probes_in_flight"));
}

TEST(TargetExposition, SlicesAreBoundedAndMostlyFull) {
  const auto slices = render_slices(testing::make_snapshot(500));
  ASSERT_GT(slices.size(), 10U);
  std::size_t total = 0;
  for (const std::string& slice : slices) {
    EXPECT_LE(slice.size(), kSliceBytes);
    total += slice.size();
  }
  EXPECT_LT(slices.size(), total / kSliceBytes + 3);
}

TEST(TargetExposition, LabelsLongerThanASliceAreCutIntoSlices) {
  const std::string value(3 * kSliceBytes, 'x');
  const FakeTarget target = testing::make_target("lan", "a", "10.0.0.1", {{"long", value}});
  auto list = std::make_shared<probe::TargetList>(probe::TargetList{target.entry()});
  std::string text;
  for (const std::string& slice : render_slices(probe::Snapshot(list))) {
    EXPECT_LE(slice.size(), kSliceBytes);
    text += slice;
  }
  EXPECT_EQ(Exposition::parse(text).value("sounder_target_resolved", {{"long", value}}), 1.0);
}

TEST(TargetExposition, BoundsMayDifferFromTargetToTarget) {
  using namespace std::chrono_literals;
  const FakeTarget fine = testing::make_target("lan", "fine", "10.0.0.1", {}, {100us, 200us, 300us});
  const FakeTarget none = testing::make_target("lan", "none", "10.0.0.2", {}, {});
  probe::RecordUpdate(*fine.record).round_trip(150us, fine.info->options->buckets);
  const Exposition exposition = Exposition::parse(render({fine, none, fine}));
  EXPECT_EQ(exposition.select("sounder_rtt_seconds_bucket", {{"target", "none"}}).size(), 1U);
  const auto buckets = exposition.select("sounder_rtt_seconds_bucket", {{"target", "fine"}});
  ASSERT_EQ(buckets.size(), 8U);
  EXPECT_EQ(buckets[0].labels.at("le"), "0.0001");
  EXPECT_EQ(buckets[0].value, 0);
  EXPECT_EQ(buckets[1].value, 1);
  EXPECT_EQ(buckets[3].labels.at("le"), "+Inf");
}

TEST(TargetExposition, HistogramOfOtherBoundsIsEmptyUntilTheEngineHasTheNewOnes) {
  FakeTarget target = testing::make_target("lan", "a", "10.0.0.1");
  testing::fill(target, 1);
  auto options = std::make_shared<probe::ProbeOptions>(*target.info->options);
  options->buckets = {std::chrono::milliseconds(1)};
  target.info->options = options;
  const Exposition exposition = Exposition::parse(render({target}));
  EXPECT_EQ(exposition.select("sounder_rtt_seconds_bucket").size(), 2U);
  EXPECT_EQ(exposition.sum("sounder_rtt_seconds_bucket"), 0);
  EXPECT_EQ(exposition.value("sounder_rtt_seconds_sum"), 0.0);
}

TEST(TargetExposition, NoTargetsLeaveTheNamesAlone) {
  const std::string text = render(std::vector<FakeTarget>{});
  EXPECT_TRUE(Exposition::parse(text).samples().empty());
  EXPECT_THAT(text, ::testing::HasSubstr("# TYPE sounder_rtt_seconds histogram\n"));
}

}  // namespace
}  // namespace sounder::exporters
