#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/config/load_helpers.h"

namespace sounder::config {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

/// `text` is a line under `defaults:`, `message` what follows "s.yaml:2:".
void expect_default(const Wrong& wrong) {
  const std::string text = std::string("defaults:\n  ") + wrong.text + "\ngroups: []\n";
  EXPECT_THAT(errors_of(text), ElementsAre(std::string("s.yaml:2:") + wrong.message));
}

const Wrong kDurations[] = {
    {"interval: 5ms", "13: interval: 5ms is too short; allowed is 10ms to 1h"},
    {"interval: 0", "13: interval: 0 is too short; allowed is 10ms to 1h"},
    {"interval: 61m", "13: interval: 61m is too long; allowed is 10ms to 1h"},
    {"interval: 1", "13: interval: 1 has no unit; write 1s or 1ms; allowed is 10ms to 1h"},
    {"interval: soon", "13: interval: soon is not a duration; allowed is 10ms to 1h"},
    {"interval: [1s]", "13: interval: a list is given; allowed is 10ms to 1h"},
    {"interval: {}", "13: interval: a map is given; allowed is 10ms to 1h"},
    {"interval: ~", "13: interval: nothing is given; allowed is 10ms to 1h"},
    {"interval: \"\"", "13: interval: \"\" is not a duration; allowed is 10ms to 1h"},
    {"timeout: 999us", "12: timeout: 999us is too short; allowed is 1ms to 1m"},
    {"timeout: 60s1ns", "12: timeout: 60s1ns is too long; allowed is 1ms to 1m"},
};
TEST(OptionMistakes, InDurationsAreNamedWithTheirPlaceAndWhatIsAllowed) {
  for (const auto& wrong : kDurations) expect_default(wrong);
}

const Wrong kNumbers[] = {
    {"size: 65508", "9: size: 65508 is too large; allowed is 0 to 65507"},
    {"size: -1", "9: size: -1 is not a whole number; allowed is 0 to 65507"},
    {"size: 1.5", "9: size: 1.5 is not a whole number; allowed is 0 to 65507"},
    {"size: 99999999999999999999", "9: size: 99999999999999999999 is too large; allowed is 0 to 65507"},
    {"ttl: 0", "8: ttl: 0 is too small; allowed is 1 to 255"},
    {"ttl: 256", "8: ttl: 256 is too large; allowed is 1 to 255"},
    {"mark: 4294967296", "9: mark: 4294967296 is too large; allowed is 0 to 4294967295"},
    {"mark: 0x", "9: mark: 0x is not a whole number; allowed is 0 to 4294967295"},
    {"down_after: 0", "15: down_after: 0 is too small; allowed is 1 to 10000"},
    {"down_after: 10001", "15: down_after: 10001 is too large; allowed is 1 to 10000"},
    {"up_after: 0", "13: up_after: 0 is too small; allowed is 1 to 10000"},
    {"up_after: never", "13: up_after: never is not a whole number; allowed is 1 to 10000"},
};
TEST(OptionMistakes, InNumbersAreNamedWithTheirPlaceAndWhatIsAllowed) {
  for (const auto& wrong : kNumbers) expect_default(wrong);
}

const Wrong kWords[] = {
    {"family: inet", "11: family: inet is none of them; allowed is any, ipv4, ipv6 and all"},
    {"dscp: 64", "9: dscp: 64 is no code point; allowed is 0 to 63, be, cs0 to cs7, af11 to af43, ef, va or le"},
    {"dont_fragment: yes", "18: dont_fragment: yes is neither; allowed is true or false"},
    {"accept_foreign: 1", "19: accept_foreign: 1 is neither; allowed is true or false"},
    {"source: a.example",
     "11: source: a.example is not one address without a zone; allowed is an address of this host"},
    {"source: 10.0.0.0/24",
     "11: source: 10.0.0.0/24 is not one address without a zone; allowed is an address of this host"},
    {"source: 10.0.0.256", "11: source: 10.0.0.256 is neither an address, a block, a range nor a host name (RFC 1123)"},
    {"interface: eth0/1", "14: interface: eth0/1 can't be one; allowed is the name of a network interface"},
    {"interface: \"\"", "14: interface: \"\" can't be one; allowed is the name of a network interface"},
};
TEST(OptionMistakes, InWordsAreNamedWithTheirPlaceAndWhatIsAllowed) {
  for (const auto& wrong : kWords) expect_default(wrong);
}

const Wrong kBuckets[] = {
    {"buckets: []", "12: buckets: 0 are given; allowed is a list of 1 to 32 durations, ascending"},
    {"buckets: 1s", "12: buckets: 1s is given; allowed is a list of 1 to 32 durations, ascending"},
    {"buckets: {}", "12: buckets: a map is given; allowed is a list of 1 to 32 durations, ascending"},
    {"buckets: [1ms, 1ms]", "18: buckets: 1ms follows 1ms; allowed is a list of 1 to 32 durations, ascending"},
    {"buckets: [1s, 1ms]", "17: buckets: 1ms follows 1s; allowed is a list of 1 to 32 durations, ascending"},
    {"buckets: [1ms, fast]", "18: buckets: fast is not a duration; allowed is 1us to 10m"},
    {"buckets: [0s]", "13: buckets: 0s is too short; allowed is 1us to 10m"},
    {"buckets: [1s,2s,3s,4s,5s,6s,7s,8s,9s,10s,11s,12s,13s,14s,15s,16s,17s,18s,19s,20s,21s,22s,23s,24s,25s,26s,27s,28s,"
     "29s,30s,31s,32s,33s]",
     "12: buckets: 33 are given; allowed is a list of 1 to 32 durations, ascending"},
};
TEST(OptionMistakes, InBucketsAreNamedWithTheirPlaceAndWhatIsAllowed) {
  for (const auto& wrong : kBuckets) expect_default(wrong);
}

const Wrong kLabels[] = {
    {"labels: [a]", "11: labels: a list is given; allowed is a map of names and values"},
    {"labels: {a-b: x}", "12: a-b is no label name; allowed are letters, digits and _, not a digit first"},
    {"labels: {1a: x}", "12: 1a is no label name; allowed are letters, digits and _, not a digit first"},
    {"labels: {\"\": x}", "12: \"\" is no label name; allowed are letters, digits and _, not a digit first"},
    {"labels: {__a: x}", "12: the label __a is Prometheus' own; allowed are names that do not begin with __"},
    {"labels: {target: x}",
     "12: the label target is sounder's own; not allowed are group, target, address, le, outcome, kind, type, code, "
     "state, reason and reporter"},
    {"labels: {a: x, a: y}", "18: the label a is given twice; the first is at s.yaml:2:12"},
    {"labels: {a: [x]}", "15: label a: a list is given; allowed is a text"},
    {"labels: {a: }", "15: label a: nothing is given; allowed is a text"},
    {"labels: {a: \"x\\ny\"}", "15: label a: \"x\\x0ay\" has control characters, which are not allowed"},
};
TEST(OptionMistakes, InLabelsAreNamedWithTheirPlaceAndWhatIsAllowed) {
  for (const auto& wrong : kLabels) expect_default(wrong);
}

TEST(Options, AreAllowedUpToTheirBounds) {
  EXPECT_THAT(errors_of("defaults: {interval: 10ms, timeout: 1ms, size: 0, ttl: 1, down_after: 1, up_after: 10000}\n"
                        "groups: [{name: a, targets: [], interval: 1h, timeout: 60s, size: 65507, ttl: 255}]"),
              IsEmpty());
}

TEST(Options, WarnOfASizeWithoutRoomForTheTag) {
  EXPECT_THAT(
      warnings_of("defaults: {size: 15}\ngroups: []"),
      ElementsAre("s.yaml:1:18: size: 15 bytes have no room for the tag of 16 that tells our replies from others; "
                  "they are matched by address, identifier and sequence alone"));
  EXPECT_THAT(warnings_of("defaults: {size: 16}\ngroups: []"), IsEmpty());
}

TEST(Options, RefuseASourceOfTheOtherFamily) {
  EXPECT_THAT(errors_of(with_targets("[{host: '::1', source: 127.0.0.1}]")),
              ElementsAre("s.yaml:3:15: ::1 is IPv6, but the source 127.0.0.1 is not"));
  EXPECT_THAT(errors_of(with_targets("[{host: 10.0.0.0/30, source: '::1'}]")),
              ElementsAre("s.yaml:3:15: 10.0.0.0/30 is IPv4, but the source ::1 is not"));
  EXPECT_THAT(errors_of(with_targets("[{host: a.example, family: ipv6, source: 127.0.0.1}]")),
              ElementsAre("s.yaml:3:15: a.example is IPv6, but the source 127.0.0.1 is not"));
  EXPECT_THAT(errors_of(with_targets("[{host: a.example, source: 127.0.0.1}, 127.0.0.1]")), IsEmpty());
}

TEST(Options, WarnOfLinkLocalAddressesThatLeadNowhere) {
  const std::string message = " is link-local; without a zone (as in fe80::1%eth0) or `interface` it can't be sent to";
  EXPECT_THAT(warnings_of(with_targets("['fe80::1', 'fe80::/126', 'fe80::1%lo', {host: 'fe80::2', interface: lo}]")),
              ElementsAre("s.yaml:3:15: fe80::1" + message, "s.yaml:3:26: fe80::/126" + message));
}

TEST(Labels, AreLimitedInNumberAndLength) {
  std::string labels;
  for (int i = 0; i < 20; ++i) labels += "l" + std::to_string(i) + ": x, ";
  const std::string group = "groups: [{name: g, targets: [], labels: {";
  EXPECT_THAT(errors_of("defaults: {labels: {" + labels + "}}\n" + group + "m1: x, " + labels + "}}]"), IsEmpty());
  std::string more;
  for (int i = 0; i < 13; ++i) more += "m" + std::to_string(i) + ": x, ";
  EXPECT_THAT(errors_of("defaults: {labels: {" + labels + "}}\n" + group + more + "}}]"),
              ElementsAre("s.yaml:2:41: labels: a target would have 33; allowed are 32"));
  EXPECT_THAT(errors_of("defaults: {labels: {a: " + std::string(1025, 'x') + "}}\ngroups: []"),
              ElementsAre("s.yaml:1:24: label a: \"" + std::string(64, 'x') + "…\" has 1025 bytes; allowed are 1024"));
  EXPECT_THAT(
      errors_of("defaults: {labels: {" + std::string(129, 'a') + ": x}}\ngroups: []"),
      ElementsAre("s.yaml:1:21: the label name \"" + std::string(64, 'a') + "…\" has 129 bytes; allowed are 128"));
}

TEST(Labels, MayBeAnyUtf8) {
  const auto settings = settings_of(with_targets("[{host: 127.0.0.1, labels: {city: 'Zürich \"𝛼\"', empty: ''}}]"));
  EXPECT_EQ(*settings.targets.at(0).labels, (probe::Labels{{"city", "Zürich \"𝛼\""}, {"empty", ""}}));
}

}  // namespace
}  // namespace sounder::config
