// The language of scenarios: what is read is what was written, and mistakes are all named.
#include "tests/lab/scenario.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sounder::lab {
namespace {

using ::testing::HasSubstr;
using namespace std::chrono_literals;

constexpr const char* kFull = R"(about: 'a host''s bad day'
seed: 42
duration: 3s
groups:
  - name: v4
    first: "10.77.0.1"
    count: 300
    probe: {interval: 250ms, timeout: 1s, size: 64, down_after: 2, up_after: 2, accept_foreign: true}
    delay: {kind: trace, base: 5ms, spread: 1ms, longest: 200ms, trace: [1ms, 1500us]}
    loss: {independent: 0.1, burst_begins: 0.000001, burst_ends: 1}
    reorder: {share: 0.5, by: 40ms}
    duplicate: 0.25
    rate_limit: {per_second: 2, burst: 5}
    answers: {reply: 5, icmp_error: 1}
    late: {after: 2s, spread: 300ms}
    error: {type: 3, code: 13, quote: eight_bytes}
  - {name: v6, first: "fd77::ff", count: 2}
timeline:
  - {at: 2s, do: restore, group: v4}
  - {at: 1s, do: blackhole, group: v4}
  - {at: 2500ms, do: link_down}
  - {at: 2600ms, do: reload, group: v6, interval: 500ms}
)";

TEST(Scenario, IsReadAndWrittenTheSame) {
  const auto scenario = parse_scenario("full", kFull);
  ASSERT_TRUE(scenario) << scenario.error().message();
  EXPECT_EQ(scenario->about, "a host's bad day");
  ASSERT_EQ(scenario->groups.size(), 2U);
  const HostGroup& group = scenario->groups[0];
  EXPECT_EQ(group.address(299).to_string(), "10.77.1.44");
  EXPECT_EQ(group.host.path.burst, 1U);
  EXPECT_EQ(group.host.path.burst_end, sim::kAlways);
  EXPECT_EQ(group.host.trace[1], 1500us);
  EXPECT_EQ(scenario->groups[1].address(1).to_string(), "fd77::100");
  EXPECT_EQ(scenario->timeline[0].kind, Event::Kind::kBlackhole);

  const std::string text = write_scenario(*scenario);
  const auto again = parse_scenario("full", text);
  ASSERT_TRUE(again) << again.error().message() << text;
  EXPECT_EQ(write_scenario(*again), text);
}

TEST(Scenario, PlaysItsTimelineAgainWhenItLastsLonger) {
  auto scenario = *parse_scenario("short", R"(duration: 3s
groups: [{name: a, first: 10.77.0.1}]
timeline: [{at: 1s, do: link_down}, {at: 2s, do: link_up}]
)");
  scenario.last(8s);
  std::vector<base::Duration> moments;
  for (const Event& event : scenario.timeline) moments.push_back(event.at);
  EXPECT_THAT(moments, ::testing::ElementsAre(1s, 2s, 4s, 5s, 7s));
  scenario.last(2s);
  EXPECT_EQ(scenario.timeline.size(), 1U);
}

TEST(Scenario, ReloadsNoDaemonThatIsStopped) {
  const std::string text = "groups: [{name: a, first: 10.77.0.1}]\ntimeline: [{at: 1s, do: stop}, {at: 2s, do: reload}";
  EXPECT_FALSE(parse_scenario("stopped", text + "]"));
  EXPECT_TRUE(parse_scenario("stopped", text + ", {at: 1500ms, do: resume}]"));
}

TEST(Scenario, NamesEveryMistakeWithItsPlace) {
  const auto scenario = parse_scenario("bad", R"(seed: many
groups:
  - {name: a, first: 10.77.0.300, answer: {reply: 1}}
  - {name: b, first: "fd77::1", count: 9, loss: {independent: 2}, answers: {bad_checksum: 1}}
  - {name: c, first: "fd77::5", delay: {kind: trace}}
timeline: [{at: 2, do: nothing}, {at: 1s, do: blackhole, group: z}, {at: 1s, do: reload, group: a}, {at: 3s, do: permit}]
)");
  ASSERT_FALSE(scenario);
  const std::string text = scenario.error().message();
  EXPECT_THAT(text, HasSubstr("bad:1:7: 'seed' of the scenario must be a whole number"));
  EXPECT_THAT(text, HasSubstr("'first' of a group must be an address, not '10.77.0.300'"));
  EXPECT_THAT(text, HasSubstr("a group has no 'answer'; it has answers, count"));
  EXPECT_THAT(text, HasSubstr("'independent' of 'loss' must be a share from 0 to 1, not '2'"));
  EXPECT_THAT(text, HasSubstr("'bad_checksum' is for IPv4"));
  EXPECT_THAT(text, HasSubstr("needs 'trace'"));
  EXPECT_THAT(text, HasSubstr("groups 'b' and 'c' overlap"));
  EXPECT_THAT(text, HasSubstr("'at' of an event must be a time such as 250ms, not '2'"));
  EXPECT_THAT(text, HasSubstr("'do' of an event must be one of blackhole, restore"));
  EXPECT_THAT(text, HasSubstr("there is no group 'z'"));
  EXPECT_THAT(text, HasSubstr("this event would come after the scenario's end"));
  EXPECT_THAT(text, HasSubstr("'interval' is for the event 'reload' with a group, which needs one"));
}

TEST(Scenario, ThatIsNoYamlSaysWhere) {
  const auto scenario = parse_scenario("broken", "groups: [");
  ASSERT_FALSE(scenario);
  EXPECT_THAT(scenario.error().message(), HasSubstr("broken:"));
}

}  // namespace
}  // namespace sounder::lab
