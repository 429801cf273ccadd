#include "config/duration.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sounder::config {
namespace {

using base::Duration;

struct Right {
  const char* text;
  Duration duration;
};

TEST(Duration, ReadsWhatPrometheusWrites) {
  using namespace std::chrono_literals;
  const Right cases[] = {
      {"0", 0ns},        {"0s", 0ns},
      {"500ms", 500ms},  {"1m30s", 90s},
      {"1h0m5s", 3605s}, {"1d", 24h},
      {"1w", 168h},      {"1y2w3d4h5m6s7ms8us9ns", 365 * 24h + 14 * 24h + 3 * 24h + 4h + 5min + 6s + 7ms + 8us + 9ns},
      {"50us", 50us},    {"50µs", 50us},
      {"0090s", 90s},    {"1000000ms", 1000s}};
  for (const auto& right : cases) {
    const auto parsed = parse_duration(right.text);
    ASSERT_TRUE(parsed) << right.text << ": " << parsed.error();
    EXPECT_EQ(*parsed, right.duration) << right.text;
  }
}

struct WrongText {
  const char* text;
  const char* reason;
};

TEST(Duration, SaysWhatIsWrong) {
  const WrongText cases[] = {
      {"", "is not a duration"},
      {"soon", "is not a duration"},
      {"-1s", "is not a duration"},
      {"+1s", "is not a duration"},
      {" 1s", "is not a duration"},
      {".5s", "is not a duration"},
      {"1", "has no unit; write 1s or 1ms"},
      {"1m30", "has no unit; write 30s or 30ms"},
      {"00", "has no unit; write 00s or 00ms"},
      {"1.5s", "has a fraction; write 1s500ms for one and a half seconds"},
      {"1 s", "has the unit \" s\", which is none of d, h, m, s, ms, us"},
      {"1S", "has the unit S, which is none of d, h, m, s, ms, us"},
      {"1min", "has the unit min, which is none of d, h, m, s, ms, us"},
      {"30s1m", "has its units out of order; the largest comes first, each once"},
      {"1s1s", "has its units out of order; the largest comes first, each once"},
      {"293y", "is longer than 292y"},
      {"292y290d", "is longer than 292y"},
      {"99999999999999999999s", "is longer than 292y"},
  };
  for (const auto& wrong : cases) {
    const auto parsed = parse_duration(wrong.text);
    ASSERT_FALSE(parsed) << wrong.text;
    EXPECT_EQ(parsed.error(), wrong.reason) << wrong.text;
  }
}

TEST(Duration, WritesWhatPrometheusWrites) {
  using namespace std::chrono_literals;
  EXPECT_EQ(format_duration(0ns), "0s");
  EXPECT_EQ(format_duration(90s), "1m30s");
  EXPECT_EQ(format_duration(1500ms), "1s500ms");
  EXPECT_EQ(format_duration(50us), "50us");
  EXPECT_EQ(format_duration(7 * 24h), "1w");
  EXPECT_EQ(format_duration(90 * 24h), "90d");
  EXPECT_EQ(format_duration(365 * 24h), "1y");
  EXPECT_EQ(format_duration(366 * 24h), "366d");
  EXPECT_EQ(format_duration(Duration::max()), "106751d23h47m16s854ms775us807ns");
}

}  // namespace
}  // namespace sounder::config
