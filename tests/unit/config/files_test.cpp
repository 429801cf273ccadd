#include <filesystem>
#include <fstream>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/disk_files.h"
#include "tests/unit/config/load_helpers.h"

namespace sounder::config {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::IsEmpty;

const char* const kMain = R"(
groups:
  - name: lab
    labels: {site: berlin}
    files: [targets/*]
)";

/// Loads kMain with one file of targets beside it.
LoadResult load_with(const std::string& file) {
  FakeFiles files;
  files.texts = {{"/etc/s.yaml", kMain}, {"/etc/targets/a.yaml", file}};
  return load_from(files, "/etc/s.yaml");
}

TEST(Files, HoldAListOfTargets) {
  const auto result = load_with("- 127.0.0.1\n- {host: a.example, ttl: 9, labels: {role: web}}\n");
  ASSERT_TRUE(result.settings) << result.error_text();
  EXPECT_THAT(hosts_of(*result.settings), ElementsAre("lab 127.0.0.1 127.0.0.1", "lab a.example name:a.example"));
  EXPECT_EQ(result.settings->targets.at(1).options->ttl, 9);
  EXPECT_EQ(*result.settings->targets.at(1).labels, (probe::Labels{{"role", "web"}, {"site", "berlin"}}));
}

TEST(Files, HoldAMapWithOptionsAndLabelsOfItsTargets) {
  const auto result =
      load_with("interval: 5s\nlabels: {role: db}\ntargets: [127.0.0.1, {host: '::1', interval: 2s}]\n");
  ASSERT_TRUE(result.settings) << result.error_text();
  EXPECT_EQ(result.settings->targets.at(0).options->interval, std::chrono::seconds(5));
  EXPECT_EQ(result.settings->targets.at(1).options->interval, std::chrono::seconds(2));
  EXPECT_EQ(*result.settings->targets.at(1).labels, (probe::Labels{{"role", "db"}, {"site", "berlin"}}));
}

TEST(Files, HoldWhatServiceDiscoveryWritesForPrometheus) {
  const auto result = load_with(R"([
	{"targets": ["127.0.0.1", "a.example"], "labels": {"env": "prod", "__meta_zone": "eu", "__address__": "x:1"}},
	{"targets": ["::1"]}
])");
  ASSERT_TRUE(result.settings) << result.error_text();
  EXPECT_THAT(hosts_of(*result.settings),
              ElementsAre("lab 127.0.0.1 127.0.0.1", "lab a.example name:a.example", "lab ::1 ::1"));
  EXPECT_EQ(*result.settings->targets.at(1).labels, (probe::Labels{{"env", "prod"}, {"site", "berlin"}}));
  EXPECT_EQ(*result.settings->targets.at(2).labels, (probe::Labels{{"site", "berlin"}}));
}

const Wrong kWrong[] = {
    {"", "1:1: the file is empty; allowed is a list of targets ([] for none) or a map with `targets`"},
    {"127.0.0.1", "1:1: the file is a text; allowed is a list of targets ([] for none) or a map with `targets`"},
    {"labels: {a: b}", "1:1: targets are missing; a file is a list of targets or a map with `targets`"},
    {"{target: []}", "1:2: unknown key target; did you mean targets?"},
    {"[", "1:1: not valid YAML: end of sequence flow not found"},
    {"- targets: ['a.example:9100']", "1:13: a.example:9100 has a port, which ICMP does not; write a.example"},
    {"- targets: [{host: a.example}]",
     "1:13: host: a map is given; allowed is an address, a host name, a block or a range"},
    {"- [127.0.0.1]",
     "1:3: a target is a list; allowed is an address, a host name, a block or a range, or a map with `host`"},
    {"- targets: a.example", "1:12: targets: text is given; allowed is a list of hosts"},
    {"- {targets: [], interval: 1s}",
     "1:17: unknown key interval; an item of service discovery has targets and labels"},
    {"- {targets: [], labels: {group: x}}",
     "1:26: the label group is sounder's own; not allowed are group, target, address, le, outcome, kind, type, code, "
     "state, reason and reporter"},
    {"{targets: [], labels: {__meta: x}}",
     "1:24: the label __meta is Prometheus' own; allowed are names that do not begin with __"},
    {"[127.0.0.1, 127.0.0.1]",
     "1:13: 127.0.0.1 is in group lab already, at /etc/targets/a.yaml:1:2; give one of them a `name:`"},
};
TEST(Files, WithMistakesAreNamed) {
  for (const auto& wrong : kWrong) {
    EXPECT_THAT(messages(load_with(wrong.text).errors),
                ElementsAre(std::string("/etc/targets/a.yaml:") + wrong.message));
  }
}

TEST(Files, ThatCannotBeParsedDoNotHideTheMistakesOfOthers) {
  FakeFiles files;
  files.texts = {{"/etc/s.yaml", kMain}, {"/etc/targets/a.yaml", "["}, {"/etc/targets/b.yaml", "[224.0.0.1]"}};
  EXPECT_THAT(messages(load_from(files, "/etc/s.yaml").errors),
              ElementsAre("/etc/targets/a.yaml:1:1: not valid YAML: end of sequence flow not found",
                          "/etc/targets/b.yaml:1:2: 224.0.0.1 is multicast, which can't be a target"));
}

TEST(Files, AreNamedAmongTheSourcesAlsoWhenRefused) {
  const auto result = load_with("[");
  EXPECT_THAT(result.sources.files, ElementsAre("/etc/s.yaml", "/etc/targets/a.yaml"));
  EXPECT_THAT(result.sources.globs, ElementsAre("/etc/targets/*"));
  EXPECT_FALSE(result.sources.stamp.empty());
}

TEST(Files, ThatNoneMatchIsAWarning) {
  const auto result = load_text(kMain, "/etc/s.yaml");
  EXPECT_TRUE(result.settings);
  EXPECT_THAT(messages(result.warnings), ElementsAre("/etc/s.yaml:5:13: files: nothing matches /etc/targets/*"));
}

TEST(Files, OfTwoGlobsAreReadOnceForAGroup) {
  FakeFiles files;
  files.texts = {{"s.yaml", "groups: [{name: a, files: [t/*, t/a.yaml]}]"}, {"t/a.yaml", "[127.0.0.1]"}};
  const auto result = load_from(files, "s.yaml");
  ASSERT_TRUE(result.settings) << result.error_text();
  EXPECT_EQ(result.settings->targets.size(), 1U);
}

TEST(Glob, MatchesLikeAShell) {
  EXPECT_TRUE(matches_part("a.yaml", "*.yaml"));
  EXPECT_TRUE(matches_part("a.yaml", "?.yaml"));
  EXPECT_TRUE(matches_part("a.yaml.yaml", "*.yaml"));
  EXPECT_TRUE(matches_part("a", "a*"));
  EXPECT_TRUE(matches_part("abcbd", "a*b?"));
  EXPECT_TRUE(matches_part("", "*"));
  EXPECT_TRUE(matches_part(".a", ".*"));
  EXPECT_FALSE(matches_part("a.yml", "*.yaml"));
  EXPECT_FALSE(matches_part("ab.yaml", "?.yaml"));
  EXPECT_FALSE(matches_part(".a.yaml", "*.yaml"));
  EXPECT_FALSE(matches_part(".a.yaml", "?a.yaml"));
  EXPECT_FALSE(matches_part("abc", "*b"));
  EXPECT_FALSE(matches_part("a", ""));
}

TEST(Glob, NeedsNoBacktrackingBeyondTheLastStar) {
  const std::string pattern = "*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b";
  EXPECT_FALSE(matches_part(std::string(10'000, 'a'), pattern));
}

/// A folder of its own, gone with the test.
class DiskFilesTest : public testing::Test {
 protected:
  DiskFilesTest() { fs::create_directories(folder_ / "targets"); }
  ~DiskFilesTest() override { fs::remove_all(folder_); }

  fs::path write(const std::string& name, const std::string& text) {
    std::ofstream(folder_ / name) << text;
    return folder_ / name;
  }

  const fs::path folder_ =
      fs::path(testing::TempDir()) / ("sounder-config-" + std::to_string(std::random_device()()) + "-" +
                                      testing::UnitTest::GetInstance()->current_test_info()->name());
};

TEST_F(DiskFilesTest, LoadsWhatGlobsFindRelativeToTheConfiguration) {
  const auto path = write("s.yaml", "groups: [{name: lab, files: 'targets/*.yaml'}]");
  write("targets/b.yaml", "[127.0.0.2]");
  write("targets/a.yaml", "[127.0.0.1]");
  write("targets/.draft.yaml", "[");
  write("targets/notes.txt", "[");
  fs::create_directory(folder_ / "targets/folder.yaml");
  const auto result = load(path);
  ASSERT_TRUE(result.settings) << result.error_text();
  EXPECT_THAT(hosts_of(*result.settings), ElementsAre("lab 127.0.0.1 127.0.0.1", "lab 127.0.0.2 127.0.0.2"));
  EXPECT_THAT(result.warnings, IsEmpty());
  EXPECT_EQ(fingerprint(result.sources), result.sources.stamp);
}

TEST_F(DiskFilesTest, FindFilesInFoldersThatMatch) {
  fs::create_directories(folder_ / "targets/one");
  fs::create_directories(folder_ / "targets/two");
  write("targets/one/x.yaml", "[127.0.0.1]");
  write("targets/two/x.yaml", "[127.0.0.2]");
  const auto result = load(write("s.yaml", "groups: [{name: lab, files: ['targets/t*/x.yaml', targets/one/x.yaml]}]"));
  ASSERT_TRUE(result.settings) << result.error_text();
  EXPECT_THAT(hosts_of(*result.settings), ElementsAre("lab 127.0.0.2 127.0.0.2", "lab 127.0.0.1 127.0.0.1"));
}

TEST_F(DiskFilesTest, SayWhyTheyCannotBeRead) {
  const std::string missing = (folder_ / "none.yaml").generic_string();
  EXPECT_THAT(messages(load(missing).errors), ElementsAre(missing + ": cannot be read: No such file or directory"));
  EXPECT_THAT(messages(load(folder_).errors),
              ElementsAre(folder_.generic_string() + ": cannot be read: Is a directory"));
}

TEST_F(DiskFilesTest, AreLimitedInSize) {
  const auto path = write("s.yaml", "");
  fs::resize_file(path, (std::uintmax_t{128} << 20U) + 1);  // sparse
  EXPECT_THAT(messages(load(path).errors), ElementsAre(path.generic_string() + ": is larger than 128 MiB"));
}

/// Somebody writes to each file right after it was read.
class ChangingFiles final : public FileSource {
 public:
  [[nodiscard]] base::Result<std::string> read(const fs::path& path) override {
    auto text = files_.read(path);
    std::ofstream(path, std::ios::app) << "# changed\n";
    return text;
  }
  [[nodiscard]] std::vector<fs::path> matches(const fs::path& glob) override { return files_.matches(glob); }
  [[nodiscard]] std::string stamp(const fs::path& path) override { return files_.stamp(path); }

 private:
  DiskFiles files_;
};

TEST_F(DiskFilesTest, ThatChangeWhileTheyAreLoadedAreNoticed) {
  ChangingFiles files;
  const auto result = load_from(files, write("s.yaml", "groups: []"));
  ASSERT_TRUE(result.settings) << result.error_text();
  EXPECT_NE(fingerprint(result.sources), result.sources.stamp);
}

TEST_F(DiskFilesTest, ChangeTheFingerprint) {
  const auto path = write("s.yaml", "groups: [{name: lab, files: 'targets/*.yaml'}]");
  const auto file = write("targets/a.yaml", "[127.0.0.1]");
  const auto sources = load(path).sources;
  const auto before = fingerprint(sources);
  EXPECT_EQ(before, sources.stamp);

  write("targets/a.yaml", "[127.0.0.1, 127.0.0.2]");
  const auto grown = fingerprint(sources);
  EXPECT_NE(grown, before);

  fs::last_write_time(file, fs::last_write_time(file) + std::chrono::seconds(1));
  const auto touched = fingerprint(sources);
  EXPECT_NE(touched, grown);

  write("targets/b.yaml", "[]");
  const auto added = fingerprint(sources);
  EXPECT_NE(added, touched);

  fs::remove(folder_ / "targets/b.yaml");
  EXPECT_EQ(fingerprint(sources), touched);

  fs::remove(file);
  EXPECT_NE(fingerprint(sources), touched);
}

}  // namespace
}  // namespace sounder::config
