#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/config/load_helpers.h"

namespace sounder::config {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(Targets, AreNamedByNameThenHostThenAddress) {
  EXPECT_THAT(hosts_of(settings_of(with_targets(
                  "[127.0.0.1, a.example, '2001:DB8::1', 'fe80::1%lo', {host: b.example, name: bee}, 10.0.0.0/31, "
                  "{host: 10.1.0.1-10.1.0.2, name: pair}]"))),
              ElementsAre("lab 127.0.0.1 127.0.0.1", "lab a.example name:a.example", "lab 2001:DB8::1 2001:db8::1",
                          "lab fe80::1%lo fe80::1%lo", "lab bee name:b.example", "lab 10.0.0.0 10.0.0.0",
                          "lab 10.0.0.1 10.0.0.1", "lab pair 10.1.0.1", "lab pair 10.1.0.2"));
}

TEST(Targets, OfABlockLeaveOutWhatTheGroupNamesItself) {
  EXPECT_THAT(
      hosts_of(settings_of(with_targets("[10.0.0.0/29, 10.0.0.2, {host: 10.0.0.5, name: five}, 10.0.0.9]"))),
      ElementsAre("lab 10.0.0.1 10.0.0.1", "lab 10.0.0.3 10.0.0.3", "lab 10.0.0.4 10.0.0.4", "lab 10.0.0.6 10.0.0.6",
                  "lab 10.0.0.2 10.0.0.2", "lab five 10.0.0.5", "lab 10.0.0.9 10.0.0.9"));
}

TEST(Targets, MayRepeatInAnotherGroupOrUnderAnotherName) {
  EXPECT_THAT(errors_of("groups:\n"
                        "  - {name: a, targets: [127.0.0.1, {host: 127.0.0.1, name: again}, 10.0.0.0/30]}\n"
                        "  - {name: b, targets: [127.0.0.1, 10.0.0.0/30, {host: 10.0.0.0/29, name: wide}]}"),
              IsEmpty());
}

const Wrong kRepetitions[] = {
    {"[127.0.0.1, 127.0.0.1]",
     "s.yaml:3:26: 127.0.0.1 is in group lab already, at s.yaml:3:15; give one of them a `name:`"},
    {"['::1', '0:0::1']", "s.yaml:3:22: 0:0::1 is in group lab already, at s.yaml:3:15; give one of them a `name:`"},
    {"[a.example, a.example]",
     "s.yaml:3:26: a.example is in group lab already, at s.yaml:3:15; give one of them a `name:`"},
    {"[127.0.0.1, {host: 127.0.0.1, name: 127.0.0.1}]",
     "s.yaml:3:26: 127.0.0.1 with the name 127.0.0.1 is in group lab already, at s.yaml:3:15; give one of them another "
     "`name:`"},
    {"[{host: '::1', name: a}, {host: '::1', name: a}]",
     "s.yaml:3:39: ::1 with the name a is in group lab already, at s.yaml:3:15; give one of them another `name:`"},
    {"[10.0.0.0/24, 10.0.0.128/25]",
     "s.yaml:3:28: 10.0.0.128/25 overlaps 10.0.0.0/24 of group lab, at s.yaml:3:15, from 10.0.0.129 on; give one of "
     "them a "
     "`name:`"},
    {"[10.0.0.9-10.0.0.20, 10.0.0.1-10.0.0.9]",
     "s.yaml:3:35: 10.0.0.1-10.0.0.9 overlaps 10.0.0.9-10.0.0.20 of group lab, at s.yaml:3:15, from 10.0.0.9 on; give "
     "one "
     "of them a `name:`"},
    {"[10.0.0.0/16, 10.0.1.0/24, 192.168.0.0/30, 192.168.0.4/30]",
     "s.yaml:3:28: 10.0.1.0/24 overlaps 10.0.0.0/16 of group lab, at s.yaml:3:15, from 10.0.1.1 on; give one of them a "
     "`name:`"},
    {"[{host: 10.0.0.0/30, name: a}, {host: 10.0.0.0/29, name: a}]",
     "s.yaml:3:45: 10.0.0.0/29 overlaps 10.0.0.0/30 of group lab, at s.yaml:3:15, from 10.0.0.1 on; give one of them "
     "another `name:`"},
};
TEST(Targets, ThatRepeatAreNamedWithBothPlaces) {
  for (const auto& wrong : kRepetitions) EXPECT_THAT(errors_of(with_targets(wrong.text)), ElementsAre(wrong.message));
}

TEST(Targets, AreLimitedInAll) {
  EXPECT_THAT(errors_of("defaults: {interval: 1m}\n" + with_targets("[10.0.0.0/13, 11.0.0.0/13, 127.0.0.1]")),
              ElementsAre("s.yaml:4:28: 11.0.0.0/13 adds 524286 targets to 524286; allowed are 1000000 in all"));
}

TEST(Targets, CanBeAMillionOfOneRange) {
  const auto settings = settings_of("defaults: {interval: 10s}\n" + with_targets("[10.0.0.0 - 10.15.66.63]"));
  ASSERT_EQ(settings.targets.size(), 1'000'000U);
  EXPECT_EQ(settings.targets.back().target, "10.15.66.63");
  EXPECT_EQ(settings.targets.back().options, settings.targets.front().options);
  EXPECT_EQ(settings.targets.back().labels, settings.targets.front().labels);
  EXPECT_EQ(settings.targets.back().group, settings.targets.front().group);
}

TEST(Targets, AreLimitedByTheProbesInFlight) {
  EXPECT_THAT(
      errors_of("defaults: {interval: 1s, timeout: 60s}\nengine: {rate_limit: 10000000}\n" +
                with_targets("[10.0.0.0/13]")),
      ElementsAre("s.yaml:2:22: 31457160 probes could be in flight at once if nothing answers, but 16777216 are "
                  "possible; shorten `timeout` or lengthen `interval`"));
}

}  // namespace
}  // namespace sounder::config
