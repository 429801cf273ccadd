#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/limits.h"
#include "tests/unit/config/load_helpers.h"

namespace sounder::config {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

void expect_message(const Wrong& wrong) { EXPECT_THAT(errors_of(wrong.text), ElementsAre(wrong.message)); }

const Wrong kRoot[] = {
    {"", "s.yaml:1:1: the file is empty; a configuration has at least `groups`"},
    {"# nothing\n", "s.yaml:1:1: the file is empty; a configuration has at least `groups`"},
    {"- a", "s.yaml:1:1: a configuration is a map, not a list"},
    {"hello", "s.yaml:1:1: a configuration is a map, not text"},
    {"group: []", "s.yaml:1:1: unknown key group; did you mean groups?"},
    {"colour: red",
     "s.yaml:1:1: unknown key colour; a configuration has listen, user, engine, resolver, broker, defaults and groups"},
    {"groups: []\ngroups: []", "s.yaml:2:1: groups is given twice; the first is at s.yaml:1:1"},
    {"? [a]\n: b", "s.yaml:1:3: a key is a list; allowed are words"},
    {"<<: {}", "s.yaml:1:1: merge keys (<<) are not part of YAML 1.2; put what is common into `defaults` or the group"},
    {"defaults: 1s", "s.yaml:1:11: defaults is a map, not text"},
    {"listen: 80",
     "s.yaml:1:9: listen: 80 has no port; allowed is an address and a port, such as 127.0.0.1:19719, "
     "0.0.0.0:19719 or [::1]:19719"},
    {"listen: []", "s.yaml:1:9: listen: a list is given; allowed is an address and a port, such as 127.0.0.1:19719"},
    {"user: -x", "s.yaml:1:7: user: -x is no user name; allowed is letters, digits, _, - and ., not - first"},
    {"user: ''", "s.yaml:1:7: user: \"\" is empty; allowed is a text of 1 to 32 bytes without control characters"},
};
TEST(StructureMistakes, InRootAreNamedWithTheirPlace) {
  for (const auto& wrong : kRoot) expect_message(wrong);
}

const Wrong kDaemon[] = {
    {"engine: {rate: 1}",
     "s.yaml:1:10: unknown key rate; engine has rate_limit, receive_buffer, send_buffer and stamps"},
    {"engine: {rate_limit: 0}", "s.yaml:1:22: rate_limit: 0 is too small; allowed is 1 to 10000000"},
    {"engine: {receive_buffer: 1}", "s.yaml:1:26: receive_buffer: 1 is too small; allowed is 64KiB to 1GiB"},
    {"engine: {send_buffer: 2GiB}", "s.yaml:1:23: send_buffer: 2GiB is too large; allowed is 64KiB to 1GiB"},
    {"engine: {send_buffer: 64MB}",
     "s.yaml:1:23: send_buffer: 64MB has the unit MB, which is none of KiB, MiB, GiB; allowed is 64KiB to 1GiB"},
    {"engine: {stamps: hardware}", "s.yaml:1:18: stamps: hardware is none of them; allowed is kernel and user"},
    {"resolver: {refresh: 1ms}", "s.yaml:1:21: refresh: 1ms is too short; allowed is 1s to 1d"},
    {"resolver: {retry: 2d}", "s.yaml:1:19: retry: 2d is too long; allowed is 1s to 1d"},
    {"resolver: {workers: 65}", "s.yaml:1:21: workers: 65 is too large; allowed is 1 to 64"},
    {"resolver: []", "s.yaml:1:11: resolver is a map, not a list"},
};
TEST(StructureMistakes, InDaemonAreNamedWithTheirPlace) {
  for (const auto& wrong : kDaemon) expect_message(wrong);
}

const Wrong kBroker[] = {
    {"broker: []", "s.yaml:1:9: broker is a map, not a list"},
    {"broker: {mod: 1}", "s.yaml:1:10: unknown key mod; did you mean mode?"},
    {"broker: {enabled: maybe}", "s.yaml:1:19: enabled: maybe is neither; allowed is true or false"},
    {"broker: {mode: 0888}", "s.yaml:1:16: mode: 0888 is no octal number; allowed is an octal number from 0 to 0777"},
    {"broker: {mode: 01777}", "s.yaml:1:16: mode: 01777 is too large; allowed is an octal number from 0 to 0777"},
    {"broker: {limits: {connections: {client: 2}}}",
     "s.yaml:1:33: unknown key client; connections has user and broker"},
    {"broker: {limits: {registrations: {client: 0}}}",
     "s.yaml:1:43: client: 0 is too small; allowed is 1 to 100000000"},
    {"broker: {limits: {bytes: {user: 1GiB}}}",
     "s.yaml:1:26: bytes: 8388608 of a client, 1073741824 of a user and 268435456 of the broker are given or the "
     "default; none may be more than the next"},
    {"broker: {policy: {}}", "s.yaml:1:18: policy: a map is given; allowed is a list of rules"},
    {"broker: {policy: [{echo: true}]}",
     "s.yaml:1:19: a rule is for one user, for one group, or (for) for everybody or administrators"},
    {"broker: {policy: [{user: a, group: b}]}",
     "s.yaml:1:19: a rule is for one user, for one group, or (for) for everybody or administrators"},
    {"broker: {policy: [{for: root}]}",
     "s.yaml:1:25: for: root is none of them; allowed is everybody and administrators"},
    {"broker: {policy: [{user: a, packets_per_second: 0}]}",
     "s.yaml:1:49: packets_per_second: 0 is too small; allowed is 1 to 10000000"},
};
TEST(StructureMistakes, InBrokerAreNamedWithTheirPlace) {
  for (const auto& wrong : kBroker) expect_message(wrong);
}

TEST(Broker, HasDefaultsThatNeedNoKey) {
  const BrokerSettings broker = settings_of("groups: []").broker;
  EXPECT_EQ(broker, BrokerSettings());
  EXPECT_TRUE(broker.enabled);
  EXPECT_EQ(broker.mode, 0666U);
  EXPECT_FALSE(broker.everybody.anywhere);
  EXPECT_EQ(broker.everybody.packets_per_second, 10U);
  EXPECT_FALSE(broker.administrators.packets_per_second.has_value());
}

TEST(Broker, IsReadWhole) {
  const BrokerSettings broker = settings_of(
                                    "groups: []\n"
                                    "broker:\n"
                                    "  path: /tmp/x.sock\n"
                                    "  mode: 0660\n"
                                    "  group: netops\n"
                                    "  limits:\n"
                                    "    connections: {user: 10, broker: 20}\n"
                                    "    kernel_bytes: {client: 1MiB}\n"
                                    "  policy:\n"
                                    "    - {user: alice, packets_per_second: unlimited, anywhere: true}\n"
                                    "    - {group: staff, echo: false}\n"
                                    "    - {for: everybody, connect: false}\n"
                                    "    - {packets_per_second: 5, for: administrators}\n")
                                    .broker;
  EXPECT_EQ(broker.path, "/tmp/x.sock");
  EXPECT_EQ(broker.mode, 0660U);
  EXPECT_EQ(broker.group, "netops");
  EXPECT_EQ(broker.quotas.connections, (broker::Maximum{1, 10, 20}));
  EXPECT_EQ(broker.quotas.kernel_bytes.client, 1U << 20U);
  ASSERT_EQ(broker.rules.size(), 2U);
  EXPECT_EQ(broker.rules[0].user, "alice");
  EXPECT_EQ(broker.rules[0].place, "s.yaml:10:14");
  EXPECT_FALSE(broker.rules[0].rights.packets_per_second.has_value());
  EXPECT_TRUE(broker.rules[0].rights.anywhere);
  EXPECT_EQ(broker.rules[1].group, "staff");
  EXPECT_FALSE(broker.rules[1].rights.echo);
  EXPECT_TRUE(broker.rules[1].rights.watch);
  EXPECT_FALSE(broker.everybody.connect);
  EXPECT_EQ(broker.administrators.packets_per_second, 5U);
  EXPECT_TRUE(broker.administrators.anywhere);
}

const Wrong kGroups[] = {
    {"groups: {a: b}", "s.yaml:1:9: groups: a map is given; allowed is a list of groups"},
    {"groups: [a]", "s.yaml:1:10: a group is a map, not text"},
    {"groups: [{targets: []}]", "s.yaml:1:10: name is missing; every group has one"},
    {"groups: [{name: '', targets: []}]",
     "s.yaml:1:17: name: \"\" is empty; allowed is a text of 1 to 255 bytes without control characters"},
    {"groups: [{name: \"a\\tb\", targets: []}]",
     "s.yaml:1:17: name: \"a\\x09b\" has control characters; allowed is a text "
     "of 1 to 255 bytes without control characters"},
    {"groups: [{name: a, targets: []}, {name: a, targets: []}]",
     "s.yaml:1:41: name: there is a group a already; each has a name of its own"},
    {"groups: [{name: a, target: []}]", "s.yaml:1:20: unknown key target; did you mean targets?"},
    {"groups: [{name: a, targets: 127.0.0.1}]", "s.yaml:1:29: targets: text is given; allowed is a list of targets"},
    {"groups: [{name: a, targets: [[]]}]",
     "s.yaml:1:30: a target is a list; allowed is an address, a host name, a block or a range, or a map with `host`"},
    {"groups: [{name: a, targets: [~]}]",
     "s.yaml:1:30: a target is nothing; allowed is an address, a host name, a block or a range, or a map with `host`"},
    {"groups: [{name: a, targets: [{name: b}]}]",
     "s.yaml:1:30: host is missing; it is an address, a host name, a block or a range"},
    {"groups: [{name: a, targets: [{host: [b]}]}]",
     "s.yaml:1:37: host: a list is given; allowed is an address, a host name, a block or a range"},
    {"groups: [{name: a, targets: [{hots: b.example, host: c.example}]}]",
     "s.yaml:1:31: unknown key hots; did you mean host?"},
    {"groups: [{name: a, files: {}}]", "s.yaml:1:27: files: a map is given; allowed is a list of paths, with * and ?"},
};
TEST(StructureMistakes, InGroupsAreNamedWithTheirPlace) {
  for (const auto& wrong : kGroups) expect_message(wrong);
}

const Wrong kSyntax[] = {
    {"groups: [", "s.yaml:1:1: not valid YAML: end of sequence flow not found"},
    {"groups: {]", "s.yaml:1:10: not valid YAML: illegal flow end"},
    {"a: b: c", "s.yaml:1:5: not valid YAML: illegal map value"},
    {"groups: *nowhere", "s.yaml:1:9: not valid YAML: the referenced anchor is not defined"},
    {"groups: &a [*a]", "s.yaml:1:13: the alias is within what it stands for"},
    {"listen: !env LISTEN", "s.yaml:1:9: the tag !env has no meaning here"},
    {"groups: []\n---\ngroups: []", "s.yaml:2:1: a second document begins; a file has one"},
    {"groups: [\xff]", "s.yaml:1:10: the file is not UTF-8; a byte here is not"},
    {"groups:\n\t- a", "s.yaml:2:2: not valid YAML: illegal block entry"},
};
TEST(StructureMistakes, InSyntaxAreNamedWithTheirPlace) {
  for (const auto& wrong : kSyntax) expect_message(wrong);
}

TEST(Structure, NestsToALimit) {
  const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  EXPECT_THAT(errors_of("groups: " + nested(kMaxDepth)),
              ElementsAre("s.yaml:1:40: lists and maps nest more than 32 deep"));
  EXPECT_THAT(errors_of(nested(100'000)), ElementsAre("s.yaml:1:33: lists and maps nest more than 32 deep"));
}

TEST(Structure, StopsAliasesThatMultiply) {
  std::string text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 10; ++i) {
    const std::string below = "*a" + std::to_string(i - 1);
    text += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + below;
    for (int k = 0; k < 9; ++k) text += ", " + below;
    text += "]\n";
  }
  EXPECT_THAT(errors_of(text),
              ElementsAre("s.yaml:8:15: there are more than 16000000 values, aliases counted, in one file"));
}

TEST(Structure, TakesAliasesAsTheValueAgain) {
  const auto settings = settings_of(R"(
groups:
  - {name: a, labels: &l {site: berlin}, targets: &t [127.0.0.1]}
  - {name: b, labels: *l, targets: *t}
)");
  EXPECT_THAT(hosts_of(settings), ElementsAre("a 127.0.0.1 127.0.0.1", "b 127.0.0.1 127.0.0.1"));
  EXPECT_EQ(settings.targets.at(0).labels, settings.targets.at(1).labels);
}

TEST(Structure, ReportsAThousandMistakesAndCountsTheRest) {
  std::string targets = "[";
  for (int i = 0; i < 1200; ++i) targets += "bad_" + std::to_string(i) + ", ";
  const auto errors = errors_of(with_targets(targets + "]"));
  ASSERT_EQ(errors.size(), kMaxDiagnostics + 1);
  EXPECT_EQ(errors.back(), "s.yaml: and 200 more");
}

TEST(Structure, WarnsWhenNothingIsProbed) {
  EXPECT_THAT(warnings_of("listen: 127.0.0.1:80"), ElementsAre("s.yaml:1:1: no groups: there is nothing to probe"));
  EXPECT_THAT(warnings_of("groups: [{name: a}]"),
              ElementsAre("s.yaml:1:10: the group has neither `targets` nor `files`"));
  EXPECT_THAT(warnings_of("groups: [{name: a, targets: []}]"), IsEmpty());
}

}  // namespace
}  // namespace sounder::config
