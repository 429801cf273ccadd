#include "app/log_format.h"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <chrono>
#include <string>
#include <vector>

namespace sounder::app {
namespace {

using base::LogField;
using base::LogLevel;

std::string format(const std::vector<LogField>& fields, LogFormat format = LogFormat::kLogfmt) {
  return format_line({.time = std::nullopt, .level = LogLevel::kInfo, .event = "ready", .fields = fields}, format);
}

TEST(LogFormat, LogfmtLeavesPlainValuesBare) {
  EXPECT_EQ(format({{"port", "19719"}, {"address", "fe80::1%eth0"}}),
            "level=info msg=ready port=19719 address=fe80::1%eth0");
}

TEST(LogFormat, LogfmtQuotesWhatCouldBeMisread) {
  EXPECT_EQ(format({{"a", ""}, {"b", "two words"}, {"c", "x=y"}, {"d", R"(say "hi"\)"}}),
            R"(level=info msg=ready a="" b="two words" c="x=y" d="say \"hi\"\\")");
}

TEST(LogFormat, LogfmtStaysOneLine) {
  EXPECT_EQ(format({{"errors", "a\nb\r\x1b[2J\x7f"}}), R"(level=info msg=ready errors="a\nb\x0d\x1b[2J\x7f")");
}

TEST(LogFormat, LogfmtKeepsUtf8) { EXPECT_EQ(format({{"name", "Zürich"}}), "level=info msg=ready name=Zürich"); }

TEST(LogFormat, TimeIsUtcWithMilliseconds) {
  using namespace std::chrono_literals;
  const base::WallTime time{1'000'000'000s + 7ms + 999us};
  EXPECT_EQ(format_line({.time = time, .level = LogLevel::kError, .event = "x", .fields = {}}, LogFormat::kLogfmt),
            "ts=2001-09-09T01:46:40.007Z level=error msg=x");
}

TEST(LogFormat, JsonIsOneObjectWhateverTheValuesHold) {
  const std::vector<LogField> fields{{"quote", "\"\\"}, {"lines", "a\nb"}, {"control", std::string("\x01\0", 2)}};
  const std::string text = format(fields, LogFormat::kJson);
  EXPECT_EQ(text.find('\n'), std::string::npos);
  const auto object = boost::json::parse(text).as_object();
  EXPECT_EQ(object.at("msg").as_string(), "ready");
  for (const LogField& field : fields) EXPECT_EQ(object.at(field.key).as_string(), field.value);
}

TEST(LogFormat, LevelsReadBackAndOthersDoNot) {
  for (const LogLevel level : {LogLevel::kDebug, LogLevel::kInfo, LogLevel::kWarning, LogLevel::kError}) {
    EXPECT_EQ(parse_log_level(to_string(level)), level);
  }
  EXPECT_EQ(parse_log_level("loud"), std::nullopt);
}

TEST(LogFormat, PrioritiesAreSyslogs) {
  EXPECT_EQ(journal_priority(LogLevel::kDebug), 7);
  EXPECT_EQ(journal_priority(LogLevel::kInfo), 6);
  EXPECT_EQ(journal_priority(LogLevel::kWarning), 4);
  EXPECT_EQ(journal_priority(LogLevel::kError), 3);
}

}  // namespace
}  // namespace sounder::app
